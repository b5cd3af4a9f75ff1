"""From verified blocks back to a file's bytes: whole, or any range of them, without holding more than one leaf.

`get` returns the verified block of a CID, or raises. What a node claims about its children is checked when they come.
"""

from collections.abc import Callable, Iterator

from ..cid import RAW, Block, Cid
from ..errors import MalformedCar
from .node import FileNode, Link, decode_node

Get = Callable[[Cid], bytes]

MAX_DEPTH = 8
"""Levels below the root; three already hold 1 PiB in the product profile."""


def file_size(root: Cid, get: Get) -> int:
    """Return the number of file bytes under `root`. Raises MalformedCar, and whatever `get` raises."""
    return _node(root, get(root)).size


def read(root: Cid, get: Get, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """Yield the file's bytes from `start` up to, excluding, `stop` (None = the end), fetching only what they need.

    Raises MalformedCar where the blocks do not make a UnixFS file, and whatever `get` raises.
    """
    node = _node(root, get(root))
    yield from _slice(node, get, start, node.size if stop is None else stop, MAX_DEPTH)


def walk(root: Cid, get: Get) -> Iterator[Block]:
    """Yield every block of a file, root first, depth first; a block that occurs twice comes twice. Raises as read."""
    yield from _descend(root, None, get, MAX_DEPTH)


def _slice(node: FileNode, get: Get, start: int, stop: int, depth: int) -> Iterator[bytes]:
    if data := node.data[max(start, 0) : max(stop, 0)]:
        yield data
    offset = 0
    for link, size in zip(node.links, node.sizes, strict=True):
        if start < offset + size and stop > offset:
            child = _child(link, size, get(link.cid), depth)
            yield from _slice(child, get, start - offset, stop - offset, depth - 1)
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
