"""Codec of the contract's two read functions, `read` and `scan`: canonical, strict and total.

A decoder for any type would have to bound hostile offsets and lengths. These answers have one layout each, so every
word besides the contents is compared with the only value it may have.
Source: Solidity ABI specification, "Formal Specification of the Encoding"; contract/src/IPackageIndex.sol.
"""

from dataclasses import dataclass

from ..errors import MalformedLog

READ = bytes.fromhex("410386c6")
"""Selector of read(string,uint256,uint256,uint256)."""

SCAN = bytes.fromhex("c5221bc4")
"""Selector of scan(uint256,uint256)."""

_WORD = 32


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """Result of `read`: the storage words `slot_a` and `head`, the cursor `next` (0 = done), the entries in `page`."""

    slot_a: int
    head: bytes
    next: int
    page: bytes


@dataclass(frozen=True, slots=True)
class ScanAnswer:
    """Result of `scan`: the number of blobs `total`, the cursor `next` (0 = done), the entries in `page`."""

    total: int
    next: int
    page: bytes


def encode_read(project: str, known: int, start: int, max_bytes: int) -> bytes:
    """Return the call data of `read`; `start` is its parameter `from`."""
    name = project.encode()
    words = (4 * _WORD, known, start, max_bytes, len(name))
    return READ + b"".join(map(_word, words)) + name + bytes(-len(name) % _WORD)


def encode_scan(start: int, max_bytes: int) -> bytes:
    """Return the call data of `scan`; `start` is its parameter `from`."""
    return SCAN + _word(start) + _word(max_bytes)


def decode_read(data: bytes) -> ReadAnswer:
    """Parse the result of `read`: (uint256, bytes32, uint256, bytes). Raises MalformedLog."""
    (slot_a, head, following), page = _decode(data, 3)
    return ReadAnswer(slot_a, _word(head), following, page)


def decode_scan(data: bytes) -> ScanAnswer:
    """Parse the result of `scan`: (uint256, uint256, bytes). Raises MalformedLog."""
    (total, following), page = _decode(data, 2)
    return ScanAnswer(total, following, page)


def _decode(data: bytes, scalars: int) -> tuple[tuple[int, ...], bytes]:
    """Split the encoding of `scalars` words and one `bytes`."""
    start = (scalars + 2) * _WORD
    if len(data) < start:
        raise MalformedLog(f"the contract returned {len(data)} bytes, too few for its answer")
    words = [int.from_bytes(data[at : at + _WORD]) for at in range(0, start, _WORD)]
    offset, length = words[-2:]
    if offset != (scalars + 1) * _WORD:
        raise MalformedLog("the contract's answer is not in canonical ABI encoding: offset")
    if length > len(data) - start or len(data) != start + length + -length % _WORD:
        raise MalformedLog("the contract's answer is not in canonical ABI encoding: length")
    if any(data[start + length :]):
        raise MalformedLog("the contract's answer is not in canonical ABI encoding: padding")
    return tuple(words[:scalars]), data[start : start + length]


def _word(value: int) -> bytes:
    return value.to_bytes(_WORD, "big")
