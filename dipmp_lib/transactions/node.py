"""One node, asked with web3 over dipmp's own transport: bounded answers, total deadlines, no CCIP-Read.

The transport's errors pass through web3 unchanged; web3's errors about malformed answers become MalformedAnswer.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from eth_typing import HexStr
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import Web3Exception
from web3.providers.base import BaseProvider
from web3.types import RPCEndpoint, RPCResponse, TxParams

from ..errors import MalformedAnswer, RpcError
from ..ethereum.abi import package_index
from ..ethereum.rpc import Rpc
from ..model.names import checksum_address
from .calls import Call
from .fees import Fees, data_fee


class Node:
    """A chain as a writer asks it. Every method raises RpcError, Upstream or MalformedAnswer."""

    def __init__(self, rpc: Rpc, registry: bytes) -> None:
        self._rpc = rpc
        self._charges_for_data: bool | None = None
        self._web3 = Web3(_Provider(rpc), middleware=[])
        self._eth = self._web3.eth
        self._address = Web3.to_checksum_address(checksum_address(registry))
        self._contract = self._eth.contract(self._address, abi=package_index().abi)

    def chain_id(self) -> int:
        """Return the chain that the node serves (EIP-155)."""
        with _answers("eth_chainId"):
            return _amount(self._eth.chain_id)

    def has_code(self) -> bool:
        """Tell whether a contract is at the registry's address."""
        with _answers("eth_getCode"):
            return bool(self._eth.get_code(self._address))

    def balance(self, account: bytes) -> int:
        """Return an account's balance in wei."""
        with _answers("eth_getBalance"):
            return _amount(self._eth.get_balance(Web3.to_checksum_address(account)))

    def time(self) -> int:
        """Return the time of the newest block (unix seconds)."""
        with _answers("eth_getBlockByNumber"):
            return _amount(self._eth.get_block("latest")["timestamp"])

    def fees(self) -> Fees:
        """Return the fees to offer now."""
        with _answers("eth_gasPrice"):
            base = self._eth.get_block("latest").get("baseFeePerGas")
            price = _amount(self._eth.gas_price)
            return Fees.suggest(base_fee=None if base is None else _amount(base), gas_price=price, tip=self._tip())

    def _tip(self) -> int | None:
        try:
            return _amount(self._eth.max_priority_fee)
        except RpcError:
            return None  # some chains with a base fee do not have the method

    def transaction(self, call: Call, sender: bytes) -> dict[str, Any]:
        """Return the unpriced transaction of a call."""
        to, data = self._address, HexStr(f"0x{call.data.hex()}")
        if call.to:
            to = Web3.to_checksum_address(call.to)
        else:
            data = self._contract.encode_abi(call.function, args=list(call.arguments))
        return {"from": Web3.to_checksum_address(sender), "to": to, "value": 0, "data": data}

    def simulate(self, transaction: Mapping[str, Any]) -> None:
        """Run a transaction without sending it. Raises Reverted with the reason."""
        with _answers("eth_call"):
            self._eth.call(cast("TxParams", transaction), "latest")

    def estimate(self, transaction: Mapping[str, Any]) -> int:
        """Run a transaction without sending it, and return the gas it takes. Raises Reverted with the reason."""
        # Every node gives the reason of a failed call, but not every node that of a failed estimate.
        self.simulate(transaction)
        with _answers("eth_estimateGas"):
            return _amount(self._eth.estimate_gas(cast("TxParams", transaction)))

    def data_fee(self, transaction: Mapping[str, Any]) -> int:
        """Return the most that the transaction pays for its data besides gas, in wei."""
        if self._charges_for_data is False:
            return 0
        fee = data_fee(self._rpc, bytes(HexBytes(transaction["data"])))
        self._charges_for_data = fee > 0
        return fee

    def publisher_until(self, project: str, account: bytes) -> int:
        """Return when the account's permission to publish ends or ended (unix seconds), 0 for none ever."""
        with _answers("eth_call"):
            return _amount(self._contract.functions.publisherUntil(project, Web3.to_checksum_address(account)).call())


class _Provider(BaseProvider):
    """web3's provider port over dipmp's Rpc port."""

    global_ccip_read_enabled = False

    def __init__(self, rpc: Rpc) -> None:
        super().__init__()
        self._rpc = rpc

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:  # noqa: ANN401 - web3's port
        result = self._rpc.request(method, [_plain(value) for value in params])
        return {"jsonrpc": "2.0", "id": 0, "result": result}


def _plain(value: object) -> object:
    """Turn web3's parameter values into JSON's."""
    if isinstance(value, bytes):
        return HexStr("0x" + value.hex())
    return {key: _plain(item) for key, item in value.items()} if isinstance(value, Mapping) else value


def _amount(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value < 2**256:
        raise MalformedAnswer(f"a node answered {str(value)[:80]!a} where an amount belongs")
    return value


@contextmanager
def _answers(method: str) -> Iterator[None]:
    try:
        yield
    except (Web3Exception, ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
        raise MalformedAnswer(f"a node's answer to {method} cannot be read ({type(error).__name__})") from error
