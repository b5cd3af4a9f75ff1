"""JSON-RPC parameters as Ethereum's execution API writes them: strict, bounded, and total on hostile JSON.

Every function raises RpcError with code -32602 for a value of another shape.
Source: ethereum/execution-apis, "base types"; EIP-1898 (block parameters).
"""

import re
from typing import NoReturn

from ...errors import RpcError
from .evm import Evm
from .execution import Message
from .pyevm import Header

_QUANTITY = re.compile(r"0x(?:0|[1-9a-fA-F][0-9a-fA-F]{0,63})")
_DATA = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_TAGS = frozenset({"latest", "safe", "finalized", "pending"})


def refuse(what: str, value: object) -> NoReturn:
    """Raise the error for a parameter that is not `what`."""
    raise RpcError(f"invalid argument: {str(value)[:80]!r} is not {what}", code=-32602)


def quantity(value: object) -> int:
    """Parse a QUANTITY of up to 256 bits."""
    if not isinstance(value, str) or _QUANTITY.fullmatch(value) is None:
        refuse("a hexadecimal quantity", value)
    return int(value, 16)


def number(value: object) -> int:
    """Parse a time or a count of at most 40 bits, given as a QUANTITY or (as many tools do) as a JSON number."""
    parsed = value if isinstance(value, int) and not isinstance(value, bool) else quantity(value)
    if not 0 <= parsed < 2**40:
        refuse("a number of at most 40 bits", value)
    return parsed


def data(value: object, length: int | None = None) -> bytes:
    """Parse DATA, of exactly `length` bytes if given."""
    if not isinstance(value, str) or _DATA.fullmatch(value) is None:
        refuse("hexadecimal data", value)
    if length is not None and len(value) != 2 + 2 * length:
        refuse(f"{length} bytes of hexadecimal data", value)
    return bytes.fromhex(value[2:])


def address(value: object) -> bytes:
    """Parse a 20-byte address."""
    return data(value, 20)


def slot(value: object) -> int:
    """Parse a storage key, which clients send as a QUANTITY or as 32 bytes."""
    if isinstance(value, str) and len(value) == 66:
        return int.from_bytes(data(value, 32))
    return quantity(value)


def array(value: object, limit: int) -> list[object]:
    """Accept a list of at most `limit` items."""
    if not isinstance(value, list) or len(value) > limit:
        refuse(f"an array of at most {limit} items", value)
    return value


def mapping(value: object) -> dict[str, object]:
    """Accept a JSON object."""
    if not isinstance(value, dict):
        refuse("an object", value)
    return value


def block(evm: Evm, value: object) -> Header:
    """Return the header that a block parameter names. Raises RpcError with code -32000 when there is none."""
    header = maybe_block(evm, value)
    if header is None:
        raise RpcError("header not found", code=-32000)
    return header


def maybe_block(evm: Evm, value: object) -> Header | None:
    """Return the header that a tag, a number or an EIP-1898 object names, or None.

    A transaction is in a block, and final, as soon as it is accepted: every tag but `earliest` names the head.
    """
    if isinstance(value, dict):
        if "blockHash" in value:
            return evm.header_by_hash(data(value["blockHash"], 32))
        value = value.get("blockNumber")
    if isinstance(value, str) and value in _TAGS:
        return evm.head
    return evm.header(0 if value == "earliest" else quantity(value))


def message(value: object) -> Message:
    """Parse the transaction object of eth_call and eth_estimateGas; fees and nonce play no part."""
    fields = {key: item for key, item in mapping(value).items() if item is not None}
    payload = fields.get("input", fields.get("data", "0x"))
    return Message(
        sender=address(fields["from"]) if "from" in fields else bytes(20),
        to=address(fields["to"]) if "to" in fields else b"",
        data=data(payload),
        value=quantity(fields.get("value", "0x0")),
        gas=quantity(fields["gas"]) if "gas" in fields else None,
        access_list=access_list(fields.get("accessList", [])),
    )


def access_list(value: object) -> tuple[tuple[bytes, tuple[int, ...]], ...]:
    """Parse an EIP-2930 access list of at most 1,000 addresses with 1,000 keys each."""
    entries = [mapping(entry) for entry in array(value, 1000)]
    return tuple(
        (address(entry.get("address")), tuple(slot(key) for key in array(entry.get("storageKeys"), 1000)))
        for entry in entries
    )
