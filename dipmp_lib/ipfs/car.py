"""CARv1 archives, written and read as streams; pinners take DAGs as archives.

    archive = varint(len) header  section*        header = dag-cbor {"roots": [ CID ], "version": 1}
    section = varint(len) cid data

Source: the CARv1 specification. Sections are written root first, depth first, duplicates included.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ..errors import InvalidCid, MalformedCar
from . import unixfs, varint
from .cid import V0_LENGTH, V1_LENGTH, Block, Cid, verify

# The header is one fixed shape of dag-cbor: a map of two, its keys in canonical order; tag 42 marks a CID (58 = bytes
# with a one-byte length, 00 = the identity multibase).
_HEAD, _TAIL = b"\xa2\x65roots", b"\x67version\x01"
_CID_TAG = b"\xd8\x2a\x58"
_MAX_ROOTS = 0x17


@dataclass(frozen=True, slots=True)
class CarLimits:
    """Limits of a reader in bytes: header, one block, and all sections together (None = no limit)."""

    header: int = 1024
    block: int = unixfs.MAX_BLOCK
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Car:
    """An archive being read: its roots, as claimed, and its blocks, each verified against its CID as it comes."""

    roots: tuple[Cid, ...]
    blocks: Iterator[Block]


def write(root: Cid, blocks: Iterable[Block]) -> Iterator[bytes]:
    """Yield the archive with this one root; no piece is larger than a block."""
    yield _header(root)
    for block in blocks:
        cid = bytes(block.cid)
        yield varint.encode(len(cid) + len(block.data)) + cid
        yield block.data


def of_file(dag: unixfs.FileDag, opener: Callable[[], BinaryIO]) -> Iterator[bytes]:
    """Yield the archive of a scanned file, which `opener` opens anew. Raises PublishError where the file changed."""
    with opener() as stream:
        yield from write(dag.root, unixfs.blocks(dag, stream))


def size(dag: unixfs.FileDag) -> int:
    """Return the exact length in bytes of the archive that `of_file` yields."""
    leaf, profile = len(bytes(dag.profile.leaf_cid(dag.leaf_digest(0)))), dag.profile
    last = dag.size - (dag.leaf_count - 1) * profile.chunk
    total = len(_header(dag.root)) + _section(leaf + profile.leaf_size(last))
    if dag.leaf_count > 1:
        total += (dag.leaf_count - 1) * _section(leaf + profile.leaf_size(profile.chunk))
    return total + sum(_section(len(bytes(node.cid)) + len(node.data)) for level in dag.levels for node in level)


def read(stream: BinaryIO, limits: CarLimits = CarLimits()) -> Car:
    """Read an archive's header now, and its blocks one by one as they are asked for.

    Total on hostile bytes: every length is bounded before it is used, every block's hash is checked. Raises
    MalformedCar here and from the iterator. An archive may lack blocks, which callers have to check.
    """
    length = _length(stream)
    if length is None or length > limits.header:
        raise MalformedCar(
            "there is no CAR header" if length is None else f"a CAR header of {length} bytes is too long"
        )
    return Car(_roots(_exactly(stream, length)), _sections(stream, limits))


def _sections(stream: BinaryIO, limits: CarLimits) -> Iterator[Block]:
    total = 0
    while (length := _length(stream)) is not None:
        if length > limits.block + V1_LENGTH:
            raise MalformedCar(f"a CAR section of {length} bytes is longer than a block may be ({limits.block})")
        total += length
        if limits.total is not None and total > limits.total:
            raise MalformedCar(f"a CAR holds more than {limits.total} bytes")
        yield _block(_exactly(stream, length))


def _block(section: bytes) -> Block:
    # 12 20 opens the bare multihash of a version 0 CID; a later version begins with its number.
    width = V0_LENGTH if section[:2] == b"\x12\x20" else V1_LENGTH
    try:
        cid = Cid.from_bytes(section[:width])
    except InvalidCid as error:
        raise MalformedCar(f"a CAR section does not begin with a usable CID: {error}") from error
    block = Block(cid, section[width:])
    verify(block.cid, block.data)
    return block


def _header(root: Cid) -> bytes:
    cid = bytes(root)
    header = _HEAD + b"\x81" + _CID_TAG + bytes((len(cid) + 1, 0)) + cid + _TAIL
    return varint.encode(len(header)) + header


def _roots(header: bytes) -> tuple[Cid, ...]:
    body = header.removeprefix(_HEAD).removesuffix(_TAIL)
    if len(header) - len(body) != len(_HEAD) + len(_TAIL) or not body or not 0x80 <= body[0] <= 0x80 + _MAX_ROOTS:
        raise MalformedCar("a CAR header is not a CARv1 header with a list of roots")
    roots, rest = [], body[1:]
    for _ in range(body[0] - 0x80):
        width = rest[3] if len(rest) > 3 else 0
        if rest[:3] != _CID_TAG or rest[4:5] != b"\x00" or len(rest) < 4 + width:
            raise MalformedCar("a root in a CAR header is not a CID")
        try:
            roots.append(Cid.from_bytes(rest[5 : 4 + width]))
        except InvalidCid as error:
            raise MalformedCar(f"a root in a CAR header is not a usable CID: {error}") from error
        rest = rest[4 + width :]
    if rest:
        raise MalformedCar("a CAR header has bytes after its roots")
    return tuple(roots)


def _section(length: int) -> int:
    return len(varint.encode(length)) + length


def _length(stream: BinaryIO) -> int | None:
    """Read a varint, or None at the end of the stream."""
    data = stream.read(1)
    if not data:
        return None
    while data[-1] >= 0x80 and len(data) < varint.MAX_LENGTH:
        data += _exactly(stream, 1)
    return varint.decode(data)[0]


def _exactly(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    while 0 < len(data) < length and (more := stream.read(length - len(data))):
        data += more
    if len(data) != length:
        raise MalformedCar("a CAR ends in the middle")
    return data
