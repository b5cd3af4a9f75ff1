"""The embedded chain behind its HTTP endpoint, a funded account, and tiny contracts."""

import itertools
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, AnyStr, TypeAlias

import requests
import rlp
from eth_account import Account

from dipmp_lib.devnet.chain.evm import Evm
from dipmp_lib.devnet.chain.server import serve_rpc
from dipmp_lib.devnet.chain.views import created_address
from dipmp_lib.errors import RpcError
from dipmp_lib.keccak import keccak256
from tests.support.waiting import HANGS

Json: TypeAlias = Any

FUNDS = 100 * 10**18

STORE = bytes.fromhex("60003560005500")  # sstore(0, calldataload(0))
REVERT = bytes.fromhex("60ff60005260206000fd")  # reverts with the word 0xff
GAS_LEFT = bytes.fromhex("5a60005260206000f3")  # returns gas()
NOW = bytes.fromhex("4260005260206000f3")  # returns timestamp()
LOOP = bytes.fromhex("5b600056")  # for (;;) {}
LOG = bytes.fromhex("600760006000a1")  # log1(0, 0, 7)


_NUMBERS = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas"}
_HEADER_FIELDS = (
    *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom", "difficulty"),
    *("number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce", "baseFeePerGas"),
    *("withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot", "requestsHash"),
)


def hexed(value: bytes) -> str:
    """Return bytes as JSON-RPC writes them."""
    return "0x" + value.hex()


def header_hash(block: Json) -> str:
    """Compute a block's hash from its JSON, as a client that trusts nobody does."""
    fields = []
    for name in _HEADER_FIELDS:
        text = block[name]
        number = rlp.sedes.big_endian_int.serialize(int(text, 16)) if name in _NUMBERS else b""
        fields.append(number if name in _NUMBERS else bytes.fromhex(text[2:]))
    return hexed(keccak256(rlp.encode(fields)))


def creation(runtime: bytes) -> bytes:
    """Return creation code for at most 255 bytes of contract."""
    return bytes.fromhex(f"60{len(runtime):02x}80600b6000396000f3") + runtime


class Sender:
    """Signs transactions of one key with consecutive nonces."""

    def __init__(self, chain_id: int = 1337, seed: int = 1) -> None:
        self.account: Any = Account.from_key(seed.to_bytes(32))
        self.address = bytes.fromhex(self.account.address[2:])
        self.chain_id = chain_id
        self.nonce = 0

    def sign(self, to: bytes = b"", data: bytes = b"", **changes: object) -> bytes:
        """Return a raw EIP-1559 transaction with the next nonce; None removes a field, as for a legacy one."""
        fields: dict[str, Any] = {
            "type": 2,
            "chainId": self.chain_id,
            "nonce": self.nonce,
            "value": 0,
            "gas": 3_000_000,
        }
        fields |= {"maxFeePerGas": 5 * 10**9, "maxPriorityFeePerGas": 10**9, "data": data, **changes}
        if to:
            fields["to"] = to
        self.nonce += 1
        used = {key: value for key, value in fields.items() if value is not None}
        return bytes(self.account.sign_transaction(used).raw_transaction)

    def create(self, evm: Evm, runtime: bytes) -> bytes:
        """Create a contract and return its address."""
        nonce = self.nonce
        evm.send(self.sign(data=creation(runtime)))
        return created_address(self.address, nonce)


class Client:
    """A JSON-RPC client over one HTTP connection."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self._ids = itertools.count(1)

    def __call__(self, method: str, *params: object) -> Json:
        """Return the result. Raises RpcError with the error's code and data."""
        request_id = next(self._ids)
        request = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}
        reply = self.session.post(self.url, json=request, timeout=HANGS).json()
        assert reply["jsonrpc"] == "2.0"
        assert reply["id"] == request_id
        if "error" in reply:
            raise RpcError(reply["error"]["message"], code=reply["error"]["code"], data=reply["error"].get("data", ""))
        return reply["result"]

    def post(self, body: bytes, **headers: str) -> requests.Response:
        """Post any bytes."""
        return self.session.post(
            self.url, data=body, headers={"Content-Type": "application/json", **headers}, timeout=HANGS
        )

    def close(self) -> None:
        self.session.close()


@contextmanager
def chain_and_client(sender: Sender, clock: Callable[[], float] = time.time) -> Iterator[tuple[Evm, Client]]:
    """Run a chain in memory on which `sender` owns FUNDS, behind HTTP."""
    evm = Evm(alloc={sender.address: FUNDS}, chain_id=sender.chain_id, clock=clock)
    try:
        with serve_rpc(evm) as url:
            client = Client(url)
            try:
                yield evm, client
            finally:
                client.close()
    finally:
        evm.close()


@contextmanager
def killed(process: "subprocess.Popen[AnyStr]") -> Iterator["subprocess.Popen[AnyStr]"]:
    """Kill a program at the end of the block if it still runs, and close its streams."""
    with process:
        try:
            yield process
        finally:
            process.kill()
