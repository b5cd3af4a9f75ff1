"""UnixFS importer: one pass over a stream hashes it, a second yields the blocks, each checked against the first."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, NamedTuple

from ...errors import PublishError
from ..cid import DAG_PB, Block, Cid
from .node import UNIXFS_V1_2025, FileNode, Link, Profile, encode_node

DIGEST = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDag:
    """The DAG of a file without its leaves' bytes.

    `leaves` holds the 32-byte digests of the leaves end to end; `levels` the inner nodes, lowest level first, left to
    right; `dag_size` is the size of all blocks together, as `ipfs` prints it.
    """

    profile: Profile
    size: int
    sha256: bytes
    root: Cid
    dag_size: int
    leaves: bytes
    levels: tuple[tuple[Block, ...], ...]

    @property
    def dag_root(self) -> bytes | None:
        """The digest of the dag-pb root, None where the file is one raw block."""
        return self.root.digest if self.root.codec == DAG_PB else None

    @property
    def leaf_count(self) -> int:
        """Number of leaves, at least 1."""
        return len(self.leaves) // DIGEST

    def leaf_digest(self, index: int) -> bytes:
        """Return the sha2-256 of one leaf block."""
        return self.leaves[index * DIGEST : (index + 1) * DIGEST]


def scan(stream: BinaryIO, profile: Profile = UNIXFS_V1_2025) -> FileDag:
    """Hash a stream from its position to its end, in one pass and constant memory."""
    whole, leaves, size = hashlib.sha256(), bytearray(), 0
    for chunk in _chunks(stream, profile.chunk):
        whole.update(chunk)
        # A first raw leaf starts where the file starts, so its hash is the file's hash up to here.
        first = profile.raw_leaves and not leaves
        leaves += (whole if first else hashlib.sha256(profile.leaf(chunk))).digest()
        size += len(chunk)
    return _assemble(profile, size, whole.digest(), bytes(leaves))


def blocks(dag: FileDag, stream: BinaryIO) -> Iterator[Block]:
    """Yield every block, root first, depth first, reading `stream` (at the file's first byte) once more.

    A block that occurs twice in the file is yielded twice. Raises PublishError where the file is no longer the one
    that was scanned.
    """
    leaves = _leaves(dag, stream)
    yield from _visit(dag, len(dag.levels) - 1, 0, leaves)
    if stream.read(1):
        raise _changed(f"it now has more than {dag.size} bytes")


def _visit(dag: FileDag, level: int, index: int, leaves: Iterator[Block]) -> Iterator[Block]:
    if level < 0:
        yield next(leaves)
        return
    yield dag.levels[level][index]
    below = len(dag.levels[level - 1]) if level else dag.leaf_count
    first = index * dag.profile.width
    for child in range(first, min(first + dag.profile.width, below)):
        yield from _visit(dag, level - 1, child, leaves)


def _leaves(dag: FileDag, stream: BinaryIO) -> Iterator[Block]:
    for index in range(dag.leaf_count):
        data = dag.profile.leaf(_read_full(stream, dag.profile.chunk))
        digest = dag.leaf_digest(index)
        if hashlib.sha256(data).digest() != digest:
            raise _changed(f"the bytes from {index * dag.profile.chunk} on are others")
        yield Block(dag.profile.leaf_cid(digest), data)


def _changed(what: str) -> PublishError:
    return PublishError(
        f"a file changed after it was hashed: {what}", hint="wait until nothing writes to the file, then run it again"
    )


class _Part(NamedTuple):
    """A subtree: its root, the number of file bytes under it, and the size of all its blocks."""

    cid: Cid
    size: int
    tsize: int


def _assemble(profile: Profile, size: int, sha256: bytes, leaves: bytes) -> FileDag:
    parts, count = _leaf_parts(profile, size, leaves), len(leaves) // DIGEST
    levels: list[tuple[Block, ...]] = []
    while count > 1:
        # A last group of one is wrapped in a node like any other, so that all leaves are equally deep.
        nodes = [_inner(profile, group) for group in _groups(parts, profile.width)]
        levels.append(tuple(block for block, _ in nodes))
        parts, count = iter([part for _, part in nodes]), len(nodes)
    root = next(parts)
    return FileDag(
        profile=profile,
        size=size,
        sha256=sha256,
        root=root.cid,
        dag_size=root.tsize,
        leaves=leaves,
        levels=tuple(levels),
    )


def _leaf_parts(profile: Profile, size: int, leaves: bytes) -> Iterator[_Part]:
    for start in range(0, len(leaves), DIGEST):
        length = min(profile.chunk, size - start // DIGEST * profile.chunk)
        yield _Part(profile.leaf_cid(leaves[start : start + DIGEST]), length, profile.leaf_size(length))


def _inner(profile: Profile, children: Sequence[_Part]) -> tuple[Block, _Part]:
    links = tuple(Link(child.cid, child.tsize) for child in children)
    data = encode_node(FileNode(links=links, sizes=tuple(child.size for child in children)))
    cid = profile.node_cid(hashlib.sha256(data).digest())
    total, tsize = sum(child.size for child in children), len(data) + sum(child.tsize for child in children)
    return Block(cid, data), _Part(cid, total, tsize)


def _groups(parts: Iterator[_Part], width: int) -> Iterator[list[_Part]]:
    while group := list(islice(parts, width)):
        yield group


def _chunks(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield full chunks and a last one that may be short; one empty chunk for an empty stream."""
    chunk = _read_full(stream, size)
    yield chunk
    while len(chunk) == size and (chunk := _read_full(stream, size)):
        yield chunk


def _read_full(stream: BinaryIO, size: int) -> bytes:
    """Read `size` bytes, fewer only at the end; raw streams may return less than asked for before that."""
    data = stream.read(size)
    while 0 < len(data) < size and (more := stream.read(size - len(data))):
        data += more
    return data
