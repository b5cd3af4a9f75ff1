"""Codec of dag-pb nodes that hold a UnixFS file or a part of one, in one canonical form; profiles of importers.

Layout, in this order (DAG-PB serialises field 2 before field 1, against protobuf custom):
    node   = ( 12 len link )*  0a len unixfs
    link   = 0a len cid  12 len name  18 tsize
    unixfs = 08 02 (type File)  [ 12 len data ]  18 filesize  ( 20 blocksize )*
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ...errors import InvalidCid, MalformedCar
from .. import varint
from ..cid import DAG_PB, RAW, Cid

MAX_BLOCK = 2 * 1024 * 1024
"""Largest block in bytes: Bitswap and all public implementations accept it."""

_LENGTH_DELIMITED = 2
_MAX_FIELDS = 1 << 16


@dataclass(frozen=True, slots=True)
class Link:
    """A child block. `tsize` is the size in bytes of every block under the link, itself included."""

    cid: Cid
    tsize: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class FileNode:
    """UnixFS file node: a leaf has `data`; an inner node has `links`, with the file bytes under each in `sizes`."""

    data: bytes = b""
    links: tuple[Link, ...] = ()
    sizes: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """File bytes under this node."""
        return len(self.data) + sum(self.sizes)


def encode_dag_pb(links: Iterable[Link], data: bytes) -> bytes:
    """Return the canonical dag-pb block with these links, in the order given, and this Data field."""
    out = bytearray()
    for link in links:
        out += _bytes(2, _bytes(1, bytes(link.cid)) + _bytes(2, link.name.encode()) + _number(3, link.tsize))
    return bytes(out + _bytes(1, data))


def encode_node(node: FileNode) -> bytes:
    """Return the canonical block of a UnixFS file node."""
    unixfs = bytearray(_number(1, 2))
    if node.data:
        unixfs += _bytes(2, node.data)
    unixfs += _number(3, node.size)
    for size in node.sizes:
        unixfs += _number(4, size)
    return encode_dag_pb(node.links, bytes(unixfs))


def decode_node(block: bytes) -> FileNode:
    """Parse a UnixFS file node.

    Total and strict: only the canonical form of a plain file is taken (no directories, no inline data beside links,
    no empty children, no mode or mtime). Raises MalformedCar.
    """
    if len(block) > MAX_BLOCK:
        raise MalformedCar(f"a block of {len(block)} bytes is larger than {MAX_BLOCK}")
    fields = _fields(block)
    links = tuple(_link(value) for number, value in fields if number == 2 and isinstance(value, bytes))
    unixfs = fields[-1][1] if fields else b""
    data, sizes = _unixfs(unixfs if isinstance(unixfs, bytes) else b"")
    node = FileNode(data, links, sizes)
    # Order, shortest varints, absent extras and the file size are all settled by writing it again.
    if encode_node(node) != block:
        raise MalformedCar("a dag-pb block is not the canonical form of a UnixFS file")
    if len(links) != len(sizes) or (links and (data or not all(sizes))):
        raise MalformedCar("the links and block sizes of a UnixFS file do not belong together")
    return node


def _link(data: bytes) -> Link:
    values = dict(_fields(data))
    cid, tsize = values.get(1), values.get(3)
    if not isinstance(cid, bytes) or not isinstance(tsize, int):
        raise MalformedCar("a dag-pb link has no hash or no size")
    try:
        return Link(Cid.from_bytes(cid), tsize)
    except InvalidCid as error:
        raise MalformedCar(f"a dag-pb link does not hold a usable CID: {error}") from error


def _unixfs(message: bytes) -> tuple[bytes, tuple[int, ...]]:
    data, sizes = b"", []
    for number, value in _fields(message):
        if number == 2 and isinstance(value, bytes):
            data = value
        elif number == 4 and isinstance(value, int):
            sizes.append(value)
    return data, tuple(sizes)


def _fields(message: bytes) -> list[tuple[int, bytes | int]]:
    """Split a protobuf message into (field number, value) pairs of the two wire types that dag-pb knows."""
    fields: list[tuple[int, bytes | int]] = []
    offset = 0
    while offset < len(message):
        if len(fields) == _MAX_FIELDS:
            raise MalformedCar(f"a dag-pb message has more than {_MAX_FIELDS} fields")
        key, offset = varint.decode(message, offset)
        value, offset = varint.decode(message, offset)
        if key & 7 == _LENGTH_DELIMITED:
            if value > len(message) - offset:
                raise MalformedCar("a dag-pb field is longer than its message")
            fields.append((key >> 3, message[offset : offset + value]))
            offset += value
        elif key & 7 == 0:
            fields.append((key >> 3, value))
        else:
            raise MalformedCar(f"dag-pb has no wire type {key & 7}")
    return fields


def _bytes(number: int, value: bytes) -> bytes:
    return varint.encode(number << 3 | _LENGTH_DELIMITED) + varint.encode(len(value)) + value


def _number(number: int, value: int) -> bytes:
    return varint.encode(number << 3) + varint.encode(value)


@dataclass(frozen=True, slots=True)
class Profile:
    """Profile of an importer: a balanced tree of leaves of `chunk` bytes, nodes of at most `width` links.

    Leaves are raw blocks, or dag-pb nodes where `raw_leaves` is false; `cid_version` is that of dag-pb CIDs.
    """

    chunk: int
    width: int
    cid_version: int = 1
    raw_leaves: bool = True

    def leaf(self, chunk: bytes) -> bytes:
        """Return the block that carries one chunk of the file."""
        return chunk if self.raw_leaves else encode_node(FileNode(chunk))

    def leaf_size(self, length: int) -> int:
        """Return the size of the block that carries a chunk of `length` bytes."""
        return length if self.raw_leaves else len(encode_node(FileNode(bytes(length))))

    def leaf_cid(self, digest: bytes) -> Cid:
        """Return the CID of a leaf with this sha2-256."""
        return Cid(RAW, digest) if self.raw_leaves else self.node_cid(digest)

    def node_cid(self, digest: bytes) -> Cid:
        """Return the CID of a dag-pb node with this sha2-256."""
        return Cid(DAG_PB, digest, self.cid_version)


UNIXFS_V1_2025 = Profile(chunk=1 << 20, width=1024)
"""Profile of files that dipmp publishes (IPIP-499)."""

UNIXFS_V0_2015 = Profile(chunk=256 << 10, width=174, cid_version=0, raw_leaves=False)
"""Default profile of Kubo's `ipfs add` (IPIP-499), for tests of the importer."""
