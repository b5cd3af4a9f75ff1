"""UnixFS reader: the bytes of a file or of a range, from verified blocks, one leaf in memory at a time.

`get` returns the verified block of a CID, or raises. Sizes that a node states of its children are checked in them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ...errors import MalformedCar
from ..cid import RAW, Block, Cid
from .node import FileNode, Link, decode_node

Get = Callable[[Cid], bytes]

MAX_DEPTH = 8
"""Levels below the root; three already hold 1 PiB in the product profile."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """File bytes `offset` to `offset + size`: a raw block to fetch, or `data` where it is known already."""

    cid: Cid
    offset: int
    size: int
    data: bytes | None = None

    def cut(self, data: bytes, start: int = 0, stop: int | None = None) -> bytes:
        """Return the part of the block's bytes that lies from file byte `start` to `stop`. Raises MalformedCar."""
        if len(data) != self.size:
            raise MalformedCar(
                f"block {self.cid} holds {len(data)} bytes of the file where its parent says {self.size}"
            )
        end = None if stop is None else max(stop - self.offset, 0)
        return data[max(start - self.offset, 0) : end]


def file_size(root: Cid, get: Get) -> int:
    """Return the number of file bytes under `root`. Raises MalformedCar, and whatever `get` raises."""
    return _node(root, get(root)).size


def read(root: Cid, get: Get, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """Yield the file's bytes from `start` up to, excluding, `stop` (None = the end), fetching only what they need.

    Raises MalformedCar where the blocks do not make a UnixFS file, and whatever `get` raises.
    """
    for leaf in leaves(root, get, start, stop):
        yield leaf.cut(leaf.data if leaf.data is not None else get(leaf.cid), start, stop)


def leaves(root: Cid, get: Get, start: int = 0, stop: int | None = None, *, size: int | None = None) -> Iterator[Leaf]:
    """Yield the leaves of a range in order, fetching inner nodes when they are reached; `size` is checked.

    Raises as read.
    """
    node = _node(root, get(root))
    if size is not None and node.size != size:
        raise MalformedCar(f"{root} holds a file of {node.size} bytes where {size} are listed")
    yield from _leaves(root, node, get, 0, _Span(max(start, 0), node.size if stop is None else stop), MAX_DEPTH)


def walk(root: Cid, get: Get) -> Iterator[Block]:
    """Yield every block of a file, root first, depth first; a block that occurs twice comes twice. Raises as read."""
    yield from _descend(root, None, get, MAX_DEPTH)


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    stop: int

    def meets(self, offset: int, size: int) -> bool:
        return self.start < offset + size and self.stop > offset


def _leaves(cid: Cid, node: FileNode, get: Get, offset: int, span: _Span, depth: int) -> Iterator[Leaf]:
    if span.meets(offset, len(node.data)):
        yield Leaf(cid, offset, len(node.data), node.data)
    for link, size in zip(node.links, node.sizes, strict=True):
        if span.meets(offset, size):
            if link.cid.codec == RAW and depth:
                yield Leaf(link.cid, offset, size)
            else:
                yield from _leaves(link.cid, _child(link, size, get(link.cid), depth), get, offset, span, depth - 1)
        offset += size


def _descend(cid: Cid, size: int | None, get: Get, depth: int) -> Iterator[Block]:
    data = get(cid)
    node = _node(cid, data) if size is None else _child(Link(cid, 0), size, data, depth)
    yield Block(cid, data)
    for link, below in zip(node.links, node.sizes, strict=True):
        yield from _descend(link.cid, below, get, depth - 1)


def _node(cid: Cid, data: bytes) -> FileNode:
    return FileNode(data) if cid.codec == RAW else decode_node(data)


def _child(link: Link, size: int, data: bytes, depth: int) -> FileNode:
    if depth == 0:
        raise MalformedCar(f"a UnixFS file is deeper than {MAX_DEPTH} levels")
    node = _node(link.cid, data)
    if node.size != size:
        raise MalformedCar(f"block {link.cid} holds {node.size} bytes of the file where its parent says {size}")
    return node
