"""One node, asked over dipmp's own transport: bounded answers, total deadlines, strict results, no CCIP-Read."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from eth_abi.abi import encode

from ..abi import package_index
from ..errors import MalformedAnswer, RpcError
from ..keccak import keccak256
from ..names import checksum_address
from ..rpc import Rpc, chain_id, eth_call, eth_get_code
from ..rpc.calls import quantity
from .calls import Call
from .datafee import data_fee
from .fees import Fees


class Node:
    """What a writer needs to know from a chain. Every method raises RpcError, Upstream or MalformedAnswer."""

    def __init__(self, rpc: Rpc, registry: bytes) -> None:
        self._rpc = rpc
        self._charges_for_data: bool | None = None
        self._registry = registry

    def chain_id(self) -> int:
        """Return the chain that the node serves (EIP-155)."""
        return chain_id(self._rpc)

    def has_code(self) -> bool:
        """Tell whether a contract is at the registry's address."""
        return bool(eth_get_code(self._rpc, self._registry))

    def balance(self, account: bytes) -> int:
        """Return what an account holds, in wei."""
        return quantity(self._rpc.request("eth_getBalance", [checksum_address(account), "latest"]))

    def time(self) -> int:
        """Return the time of the newest block (unix seconds)."""
        return quantity(self._newest().get("timestamp"))

    def fees(self) -> Fees:
        """Return what to offer now."""
        base = self._newest().get("baseFeePerGas")
        price = quantity(self._rpc.request("eth_gasPrice", []))
        return Fees.suggest(base_fee=None if base is None else quantity(base), gas_price=price, tip=self._tip())

    def _newest(self) -> Mapping[str, object]:
        block = self._rpc.request("eth_getBlockByNumber", ["latest", False])
        if not isinstance(block, dict):
            raise MalformedAnswer("a node's newest block is not an object")
        return block

    def _tip(self) -> int | None:
        try:
            return quantity(self._rpc.request("eth_maxPriorityFeePerGas", []))
        except RpcError:
            return None  # some chains with a base fee do not have the method

    def transaction(self, call: Call, sender: bytes) -> dict[str, Any]:
        """Return the unpriced transaction of a call."""
        to, data = (call.to, call.data) if call.to else (self._registry, _encoded(call.function, *call.arguments))
        return {
            "from": checksum_address(sender),
            "to": checksum_address(to),
            "value": 0,
            "data": f"0x{data.hex()}",
        }

    def simulate(self, transaction: Mapping[str, Any]) -> None:
        """Run a transaction without sending it. Raises Reverted with the reason."""
        self._rpc.request("eth_call", [_request(transaction), "latest"])

    def estimate(self, transaction: Mapping[str, Any]) -> int:
        """Run a transaction without sending it, and return the gas it takes. Raises Reverted with the reason."""
        self.simulate(transaction)  # not every node gives the reason of a failed estimate; every node does of a call
        return quantity(self._rpc.request("eth_estimateGas", [_request(transaction)]))

    def data_fee(self, transaction: Mapping[str, Any]) -> int:
        """Return what the transaction pays for its data besides gas, at most, in wei."""
        if self._charges_for_data is False:
            return 0
        fee = data_fee(self._rpc, bytes.fromhex(transaction["data"][2:]))
        self._charges_for_data = fee > 0
        return fee

    def publisher_until(self, project: str, account: bytes) -> int:
        """Ask the registry until when an account may publish a project."""
        answer = eth_call(self._rpc, self._registry, _encoded("publisherUntil", project, account))
        if len(answer) != 32:
            raise MalformedAnswer("a node's answer to publisherUntil is not one word")
        return int.from_bytes(answer)


def _request(transaction: Mapping[str, Any]) -> dict[str, object]:
    """Return a transaction as JSON-RPC has it: numbers in hexadecimal."""
    return {name: hex(value) if isinstance(value, int) else value for name, value in transaction.items()}


def _encoded(function: str, *arguments: str | int | bytes | bool) -> bytes:
    """Return the call data of one of the registry's functions (Contract ABI Specification)."""
    types = _types(function)
    return keccak256(f"{function}({','.join(types)})".encode())[:4] + encode(types, arguments)


@cache
def _types(function: str) -> tuple[str, ...]:
    [entry] = [each for each in package_index().abi if each["type"] == "function" and each["name"] == function]
    return tuple(each["type"] for each in entry["inputs"])
