"""JSON-RPC methods that reading needs, with strict results. Source: ethereum/execution-apis."""

import re
from collections.abc import Callable, Mapping, Sequence

from ...errors import MalformedAnswer
from .port import Rpc

GAS = 5_000_000
"""Gas given to every eth_call: bounds the node's work and, as memory costs gas, the answer's size (1.5 MiB)."""

Block = str | dict[str, object]
"""A tag (latest, safe, finalized), a number as 0x-hex, or an EIP-1898 object such as {"blockHash": "0x…"}."""

_QUANTITY = re.compile(r"0x(?:0|[1-9a-f][0-9a-f]{0,63})")


def chain_id(rpc: Rpc) -> int:
    """Return the id of the chain that the node serves."""
    return quantity(rpc.request("eth_chainId", []))


def block_number(rpc: Rpc) -> int:
    """Return the number of the newest block."""
    return quantity(rpc.request("eth_blockNumber", []))


def newest_block_time(rpc: Rpc) -> int:
    """Return the Unix time of the newest block."""
    block = rpc.request("eth_getBlockByNumber", ["latest", False])
    return quantity(block.get("timestamp") if isinstance(block, dict) else None)


def eth_call(rpc: Rpc, to: bytes, data: bytes, *, block: Block = "latest", gas: int = GAS) -> bytes:
    """Return what calling the contract at `to` returns; b"" where there is no contract."""
    call = {"to": f"0x{to.hex()}", "data": f"0x{data.hex()}", "gas": hex(gas)}
    return unhex(rpc.request("eth_call", [call, block]))


def eth_get_code(rpc: Rpc, address: bytes, *, block: Block = "latest") -> bytes:
    """Return an account's code; b"" where there is none."""
    return unhex(rpc.request("eth_getCode", [f"0x{address.hex()}", block]))


def unhex(value: object) -> bytes:
    """Parse DATA: 0x and whole bytes. Raises MalformedAnswer."""
    try:
        if isinstance(value, str) and value.startswith("0x"):
            data = bytes.fromhex(value[2:])
            if 2 + 2 * len(data) == len(value):  # fromhex skips blanks
                return data
    except ValueError:
        pass
    raise MalformedAnswer("a node's result is not 0x and whole bytes in hexadecimal")


def quantity(value: object) -> int:
    """Parse a QUANTITY of at most 256 bits, without leading zeros. Raises MalformedAnswer."""
    if isinstance(value, str) and _QUANTITY.fullmatch(value.lower()):
        return int(value, 16)
    raise MalformedAnswer("a node's result is not a hexadecimal quantity")


_SHAPES: Mapping[str, Callable[[object], object]] = {
    "eth_blockNumber": quantity,
    "eth_call": unhex,
    "eth_chainId": quantity,
    "eth_getCode": unhex,
}


class CheckedRpc:
    """Wraps one endpoint: a result of another type than its method returns is a malformed answer."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    def __str__(self) -> str:
        return str(self._rpc)

    def request(self, method: str, params: Sequence[object]) -> object:
        """Return the result. Raises as the port says."""
        result = self._rpc.request(method, params)
        if method in _SHAPES:
            _SHAPES[method](result)
        return result
