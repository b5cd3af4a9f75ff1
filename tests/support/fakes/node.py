"""An Ethereum node in memory with one registry, behind the Rpc port, for tests of writing.

The registry is the reference model of tests/support/model/contract.py. `calls` records every request, `sent`
every raw transaction that was accepted; `answers` overrides a method with a value, an exception or a function of its
params.
"""

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

from eth_abi.abi import encode
from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from hexbytes import HexBytes
from web3 import Web3

from dipmp_lib.errors import Reverted, RpcError
from dipmp_lib.ethereum.abi import package_index
from dipmp_lib.keccak import keccak256
from tests.support.model.contract import ChainModel, ModelRevertError

REGISTRY = bytes.fromhex("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")
CHAIN_ID = 1337
BASE_FEE = 10**9
GAS = 150_000
START = 1_700_000_000
_METHODS = {
    "claim": "claim",
    "append": "append",
    "appendWithSig": "append_with_sig",
    "setPublisher": "set_publisher",
    "transferProject": "transfer",
    "acceptProject": "accept",
    "setStatus": "set_status",
    "quarantine": "quarantine",
    "transferRegistry": "transfer_registry",
    "acceptRegistry": "accept_registry",
    "resignGuardian": "resign_guardian",
}
_CONTRACT = Web3().eth.contract(abi=package_index().abi)
_ERRORS = {item["name"]: [p["type"] for p in item["inputs"]] for item in package_index().abi if item["type"] == "error"}


def _revert(error: ModelRevertError) -> Reverted:
    types = _ERRORS[error.error]
    selector = keccak256(f"{error.error}({','.join(types)})".encode())[:4]
    data = selector + encode(types, error.values)
    return Reverted("execution reverted", code=3, data=f"0x{data.hex()}")


class FakeNode:
    """Implements ethereum.rpc.Rpc. Every transaction is a block of its own; `time` is that of the next block."""

    def __init__(self, *, balance: int = 10**18, chain_id: int = CHAIN_ID, legacy: bool = False) -> None:
        self.chain_id, self.balance, self.legacy = chain_id, balance, legacy
        self.time = START
        self.model = ChainModel(chain_id, REGISTRY, bytes(range(20)))
        self.receipts: dict[str, dict[str, Any]] = {}
        self.nonces: dict[str, int] = {}
        self.calls: list[tuple[str, Sequence[Any]]] = []
        self.sent: list[bytes] = []
        self.code: dict[str, str] = {f"0x{REGISTRY.hex()}": "0xfe"}
        self.answers: dict[str, object] = {}

    def methods(self) -> list[str]:
        """Return the names of all called methods, in order."""
        return [method for method, _ in self.calls]

    def request(self, method: str, params: Sequence[object]) -> object:
        """Return a node's answer, in JSON values."""
        self.calls.append((method, params))
        if method in self.answers:
            answer = self.answers[method]
            if isinstance(answer, BaseException):
                raise answer
            return answer(params) if callable(answer) else answer
        handler: Callable[..., object] | None = getattr(self, f"_{method}", None)
        if handler is None:
            raise RpcError(f"the method {method} does not exist", code=-32601)
        return handler(*params)

    def _eth_chainId(self) -> str:  # noqa: N802
        return hex(self.chain_id)

    def _eth_getCode(self, address: str, _block: str) -> str:  # noqa: N802
        return self.code.get(address.lower(), "0x")

    def _eth_getBalance(self, _address: str, _block: str) -> str:  # noqa: N802
        return hex(self.balance)

    def _eth_getTransactionCount(self, address: str, _block: str) -> str:  # noqa: N802
        return hex(self.nonces.get(address.lower(), 0))

    def _eth_getBlockByNumber(self, _block: str, _full: object) -> dict[str, Any]:  # noqa: N802
        fee = {} if self.legacy else {"baseFeePerGas": hex(BASE_FEE)}
        # 97 bytes of extraData, as chains with proof of authority have them.
        return {"number": hex(len(self.sent)), "timestamp": hex(self.time), "extraData": "0x" + "00" * 97, **fee}

    def _eth_gasPrice(self) -> str:  # noqa: N802
        return hex(BASE_FEE + 10**6)

    def _eth_maxPriorityFeePerGas(self) -> str:  # noqa: N802
        if self.legacy:
            raise RpcError("no such method", code=-32601)
        return hex(10**6)

    def _eth_call(self, call: dict[str, str], _block: object) -> str:
        if call["to"].lower() not in self.code:
            return "0x"
        function, values = _decode(call["data"])
        views: dict[str, Callable[[], tuple[list[str], Sequence[object]]]] = {
            "publisherUntil": lambda: (
                ["uint40"],
                [self.model.publisher_until(values["name"], _raw(values["account"]))],
            ),
            "read": lambda: (["uint256", "bytes32", "uint256", "bytes"], self.model.read(*values.values())),
            "registryOwner": lambda: (["address"], [self.model.registry_owner]),
            "guardian": lambda: (["address"], [self.model.guardian]),
            "mode": lambda: (["uint8"], [self.model.mode]),
        }
        if function in views:
            return f"0x{encode(*views[function]()).hex()}"
        self._apply(call["from"], function, values, dry=True)
        return "0x"

    def _eth_estimateGas(self, call: dict[str, str], *_: object) -> str:  # noqa: N802
        self._apply(call["from"], *_decode(call["data"]), dry=True)
        return hex(GAS)

    def _eth_sendRawTransaction(self, raw: str) -> str:  # noqa: N802
        data = bytes.fromhex(raw[2:])
        fields, sender = _transaction(data), Account.recover_transaction(data)
        self._apply(sender, *_decode(fields["data"]), dry=False)
        self.nonces[sender.lower()] = self.nonces.get(sender.lower(), 0) + 1
        self.sent.append(data)
        identity = f"0x{keccak256(data).hex()}"
        price = fields.get("gasPrice") or BASE_FEE + fields["maxPriorityFeePerGas"]
        self.receipts[identity] = _receipt(identity, len(self.sent), price)
        self.time += 12
        return identity

    def _eth_getTransactionByHash(self, identity: str) -> dict[str, Any] | None:  # noqa: N802
        return {"hash": identity} if identity in self.receipts else None

    def _eth_getTransactionReceipt(self, identity: str) -> dict[str, Any] | None:  # noqa: N802
        return self.receipts.get(identity)

    def _apply(self, sender: str, function: str, values: dict[str, Any], *, dry: bool) -> None:
        model = deepcopy(self.model) if dry else self.model
        actor = bytes.fromhex(sender[2:])
        arguments = [_raw(value) for value in values.values()]
        try:
            getattr(model, _METHODS[function])(actor, self.time, *arguments)
        except ModelRevertError as error:
            raise _revert(error) from error


def _raw(value: Any) -> Any:  # noqa: ANN401
    """Return an address as bytes, any other value as it is."""
    return bytes.fromhex(value[2:]) if isinstance(value, str) and re.fullmatch("0x[0-9a-fA-F]{40}", value) else value


def _decode(data: str | bytes) -> tuple[str, dict[str, Any]]:
    function, values = _CONTRACT.decode_function_input(HexBytes(data))
    return function.fn_name, values


def _transaction(raw: bytes) -> dict[str, Any]:
    if raw[0] == 2:
        return dict(TypedTransaction.from_bytes(HexBytes(raw)).as_dict())
    import rlp

    nonce, price, gas, to, value, data, *_ = rlp.decode(raw)
    numbers = {"nonce": nonce, "gasPrice": price, "gas": gas, "value": value}
    return {name: int.from_bytes(number) for name, number in numbers.items()} | {"to": to, "data": data}


def _receipt(identity: str, block: int, price: int) -> dict[str, Any]:
    return {
        "transactionHash": identity,
        "blockHash": f"0x{block:064x}",
        "blockNumber": hex(block),
        "status": "0x1",
        "gasUsed": hex(GAS - 10_000),
        "effectiveGasPrice": hex(price),
        "logs": [],
    }
