"""Two chains behind one small interface: anvil over JSON-RPC, and eth-tester's embedded EVM in process."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import requests

from dipmp_lib.ethereum.abi import DEPLOYER_CREATOR, DEPLOYER_FUNDS, DEPLOYER_TRANSACTION
from tests.support.programs.anvil import Anvil, run_anvil
from tests.support.waiting import HANGS

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

TX_GAS = 16_000_000


class RevertError(Exception):
    """A call was refused; `data` is the raw revert data."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data.hex())
        self.data = data


@dataclass(frozen=True, slots=True)
class Receipt:
    """A mined transaction that succeeded. `created` is the address of a new contract, or empty."""

    gas: int
    time: int
    created: bytes
    logs: int


class Backend(Protocol):
    """A chain with funded accounts."""

    chain_id: int
    accounts: tuple[bytes, ...]

    def send(self, sender: bytes, to: bytes, data: bytes) -> Receipt:
        """Mine one transaction; `to` b"" creates a contract. Raises RevertError, and then nothing was mined."""
        ...

    def call(self, sender: bytes, to: bytes, data: bytes, gas: int) -> bytes:
        """Answer an eth_call on the newest block. Raises RevertError."""
        ...

    def code(self, address: bytes) -> bytes:
        """Return an account's code."""
        ...

    def storage(self, address: bytes, slot: int) -> int:
        """Return one storage slot."""
        ...

    def now(self) -> int:
        """Return the newest block's time."""
        ...

    def next_time(self, at: int) -> None:
        """Give the next block the unix time `at`."""
        ...

    def set_time(self, at: int) -> None:
        """Mine an empty block at `at`, so that calls see that time too."""
        ...


class AnvilBackend:
    """Anvil; its accounts are unlocked, so transactions need no signature. `keys` are their private keys in hex."""

    def __init__(self, node: Anvil) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self.url, self.keys = node.url, node.keys
        self._ids = itertools.count(1)
        self.chain_id = int(self._rpc("eth_chainId"), 16)
        self.accounts = tuple(bytes.fromhex(text[2:]) for text in self._rpc("eth_accounts"))

    def close(self) -> None:
        self._session.close()

    def send(self, sender: bytes, to: bytes, data: bytes, gas: int = TX_GAS) -> Receipt:
        transaction = _transaction(sender, to, data, gas)
        self._rpc("eth_call", transaction, "pending")
        receipt = self._receipt(self._rpc("eth_sendTransaction", transaction))
        if receipt["status"] != "0x1":
            raise RevertError(b"")
        block = self._rpc("eth_getBlockByHash", receipt["blockHash"], False)
        created = bytes.fromhex((receipt["contractAddress"] or "0x")[2:])
        return Receipt(int(receipt["gasUsed"], 16), int(block["timestamp"], 16), created, len(receipt["logs"]))

    def call(self, sender: bytes, to: bytes, data: bytes, gas: int) -> bytes:
        return bytes.fromhex(self._rpc("eth_call", _transaction(sender, to, data, gas), "latest")[2:])

    def gas_of(self, sender: bytes, to: bytes, data: bytes, gas: int) -> int:
        """Return the gas that a call uses, whatever a transaction may use at most."""
        tracer = {"tracer": "callTracer"}
        trace = self._rpc("debug_traceCall", _transaction(sender, to, data, gas), "latest", tracer)
        if "error" in trace:
            raise RevertError(bytes.fromhex(trace.get("output", "0x")[2:]))
        return int(trace["gasUsed"], 16)

    def code(self, address: bytes) -> bytes:
        return bytes.fromhex(self._rpc("eth_getCode", "0x" + address.hex(), "latest")[2:])

    def storage(self, address: bytes, slot: int) -> int:
        return int(self._rpc("eth_getStorageAt", "0x" + address.hex(), hex(slot), "latest"), 16)

    def proof(self, address: bytes, slots: list[int]) -> dict[str, Any]:
        """Answer eth_getProof on the newest block."""
        answer: dict[str, Any] = self._rpc(
            "eth_getProof", "0x" + address.hex(), [f"0x{at:064x}" for at in slots], "latest"
        )
        return answer

    def state_root(self) -> bytes:
        """Return the newest block's state root."""
        return bytes.fromhex(self._rpc("eth_getBlockByNumber", "latest", False)["stateRoot"][2:])

    def set_storage(self, address: bytes, slot: int, value: int) -> None:
        """Overwrite one storage slot, as no transaction could."""
        self._rpc("anvil_setStorageAt", "0x" + address.hex(), hex(slot), f"0x{value:064x}")

    def set_code(self, address: bytes, code: bytes) -> None:
        """Overwrite an account's code, as no transaction could."""
        self._rpc("anvil_setCode", "0x" + address.hex(), "0x" + code.hex())

    def set_nonce(self, address: bytes, nonce: int) -> None:
        """Overwrite an account's nonce, as no transaction could."""
        self._rpc("anvil_setNonce", "0x" + address.hex(), hex(nonce))

    def snapshot(self) -> str:
        """Remember the chain as it is; returns what `go_back` takes, once."""
        return str(self._rpc("evm_snapshot"))

    def go_back(self, snapshot: str) -> None:
        """Be the chain as it was, so that other blocks can follow."""
        assert self._rpc("evm_revert", snapshot) is True

    def reorganise(self, depth: int, sender: bytes, to: bytes, calls: list[bytes]) -> None:
        """Replace the newest `depth` blocks by as many others, the first of which holds these calls."""
        transactions = [(_transaction(sender, to, data, 1_000_000), 0) for data in calls]
        self._rpc("anvil_reorg", depth, transactions)

    @contextmanager
    def chain(self, chain_id: int) -> Iterator[None]:
        """Be the chain with another id for a while."""
        self._rpc("anvil_setChainId", chain_id)
        try:
            yield
        finally:
            self._rpc("anvil_setChainId", self.chain_id)

    def delegate(self, account: "LocalAccount", code: bytes) -> None:
        """Let a fresh account have the code at `code` (EIP-7702)."""
        wanted = {"chainId": self.chain_id, "address": "0x" + code.hex(), "nonce": 0}
        signed: Any = account.sign_authorization(wanted)  # eth-account annotates it as another type
        authorization = {
            "chainId": hex(signed.chain_id),
            "address": wanted["address"],
            "nonce": hex(signed.nonce),
            "yParity": hex(signed.y_parity),
            "r": hex(signed.r),
            "s": hex(signed.s),
        }
        sender = "0x" + self.accounts[0].hex()
        fields = {"from": sender, "to": sender, "gas": hex(100_000), "type": "0x4"}
        self._receipt(self._rpc("eth_sendTransaction", fields | {"authorizationList": [authorization]}))

    def now(self) -> int:
        return int(self._rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def next_time(self, at: int) -> None:
        self._rpc("evm_setNextBlockTimestamp", hex(at))

    def set_time(self, at: int) -> None:
        self.next_time(at)
        self._rpc("evm_mine")

    def _receipt(self, digest: str) -> dict[str, Any]:
        deadline = time.monotonic() + HANGS
        while time.monotonic() < deadline:
            receipt: dict[str, Any] | None = self._rpc("eth_getTransactionReceipt", digest)
            if receipt is not None:
                return receipt
            time.sleep(0.002)
        raise RuntimeError(f"{digest} was not mined")

    def _rpc(self, method: str, *params: object) -> Any:  # noqa: ANN401 - whatever the method answers
        body = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}
        answer = self._session.post(self.url, json=body, timeout=120).json()
        error = answer.get("error")
        if error is None:
            return answer["result"]
        if error["code"] == 3 or "OutOfGas" in error["message"] or "intrinsic gas" in error["message"]:
            raise RevertError(bytes.fromhex(error.get("data", "0x")[2:]))
        raise RuntimeError(f"{method}: {error}")


class EmbeddedBackend:
    """eth-tester's py-evm backend (Prague rules)."""

    def __init__(self) -> None:
        from eth_tester.backends.pyevm import PyEVMBackend

        self._backend: Any = PyEVMBackend(genesis_parameters=None)
        self.chain_id: int = self._backend.chain.chain_id
        self.accounts = tuple(self._backend.get_accounts())
        self._install_deployer()
        self._give(bytes(20), 10**18)  # here a call needs funds, also one in nobody's name

    def _install_deployer(self) -> None:
        """Put the CREATE2 deployer on the chain, as anvil does."""
        self._give(DEPLOYER_CREATOR, DEPLOYER_FUNDS)
        self._backend.send_raw_transaction(DEPLOYER_TRANSACTION)
        self._backend.mine_blocks()

    def _give(self, to: bytes, value: int) -> None:
        self._backend.send_transaction({"from": self.accounts[0], "to": to, "value": value, "data": b"", "gas": 21_000})
        self._backend.mine_blocks()

    def send(self, sender: bytes, to: bytes, data: bytes) -> Receipt:
        self._execute(sender, to, data, TX_GAS)
        fields = {"from": sender, "to": to, "data": data, "gas": TX_GAS}
        digest = self._backend.send_transaction(fields)
        self._backend.mine_blocks()
        receipt = self._backend.get_transaction_receipt(digest)
        if receipt["status"] != 1:
            raise RevertError(b"")
        created = receipt["contract_address"] or b""
        return Receipt(receipt["gas_used"], self.now(), created, len(receipt["logs"]))

    def call(self, sender: bytes, to: bytes, data: bytes, gas: int) -> bytes:
        return self._execute(sender, to, data, gas)

    def code(self, address: bytes) -> bytes:
        return bytes(self._backend.get_code(address))

    def storage(self, address: bytes, slot: int) -> int:
        return int(self._backend.chain.get_vm().state.get_storage(address, slot))

    def now(self) -> int:
        return int(self._backend.get_block_by_number("latest", False)["timestamp"])

    def next_time(self, at: int) -> None:
        self._backend.chain.header = self._backend.chain.header.copy(timestamp=at)

    def set_time(self, at: int) -> None:
        self.next_time(at)
        self._backend.mine_blocks()

    def _execute(self, sender: bytes, to: bytes, data: bytes, gas: int) -> bytes:
        from eth.vm.spoof import SpoofTransaction

        backend = self._backend
        fields = {"from": sender, "to": to, "data": data, "gas": gas}
        transaction = backend._get_normalized_and_unsigned_evm_transaction(fields)
        state = backend.chain.get_vm().state
        snapshot = state.snapshot()
        computation = state.apply_transaction(SpoofTransaction(transaction, from_=sender))
        state.revert(snapshot)
        if computation.is_error:
            raise RevertError(bytes(computation.output))
        return bytes(computation.output)


def _transaction(sender: bytes, to: bytes, data: bytes, gas: int) -> dict[str, str]:
    fields = {"from": "0x" + sender.hex(), "data": "0x" + data.hex(), "gas": hex(gas)}
    return fields | ({"to": "0x" + to.hex()} if to else {})


@contextmanager
def anvil_backend(*options: str, history: bool = False) -> Iterator[AnvilBackend]:
    """Start anvil for one user; with `history` it can be reorganised."""
    with run_anvil("--gas-limit", "60000000", *options, history=history) as node:
        backend = AnvilBackend(node)
        try:
            yield backend
        finally:
            backend.close()
