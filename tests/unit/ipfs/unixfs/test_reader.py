"""From blocks back to bytes: any range, only the blocks it needs, and nothing that a hostile DAG claims."""

import hashlib
import io
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import GatewayError, MalformedCar, PublishError
from dipmp_lib.ipfs import unixfs
from dipmp_lib.ipfs.cid import Block, Cid, raw_cid
from dipmp_lib.ipfs.unixfs import FileNode, Link, Profile, encode_node
from tests.support.files.content import Sample, sample

SMALL = Profile(chunk=7, width=3)
OLD = Profile(chunk=7, width=3, cid_version=0, raw_leaves=False)
files = st.builds(sample, st.binary(max_size=400), st.sampled_from([SMALL, OLD]))


class Blocks:
    """Blocks by CID; remembers what was asked for."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.data = {block.cid: block.data for block in blocks}
        self.asked: list[Cid] = []

    def get(self, cid: Cid) -> bytes:
        self.asked.append(cid)
        if cid not in self.data:
            raise GatewayError(f"no {cid}")
        return self.data[cid]


def blocks_of(file: Sample) -> Blocks:
    return Blocks(unixfs.blocks(file.dag, io.BytesIO(file.data)))


@given(files, st.integers(0, 450), st.integers(0, 450))
def test_any_range(file: Sample, start: int, stop: int) -> None:
    store = blocks_of(file)
    assert b"".join(unixfs.read(file.root, store.get, start, stop)) == file.data[start:stop]
    assert b"".join(unixfs.read(file.root, store.get)) == file.data
    assert unixfs.file_size(file.root, store.get) == len(file.data)


@given(files)
def test_walk_gives_the_blocks_in_the_order_in_which_they_are_written(file: Sample) -> None:
    written = list(unixfs.blocks(file.dag, io.BytesIO(file.data)))
    assert list(unixfs.walk(file.root, blocks_of(file).get)) == written
    assert sum(len(block.data) for block in written) == file.dag.dag_size


def test_depth_first_order_of_a_two_level_file() -> None:
    file = sample(bytes(range(7 * 4)), SMALL)
    top, first, *rest = unixfs.blocks(file.dag, io.BytesIO(file.data))
    assert [len(level) for level in file.dag.levels] == [2, 1]
    assert top.cid == file.root
    assert first.cid == file.dag.levels[0][0].cid
    assert [block.data for block in rest[:3]] == [file.data[0:7], file.data[7:14], file.data[14:21]]
    assert rest[3].cid == file.dag.levels[0][1].cid


def test_a_range_fetches_only_its_own_path() -> None:
    file = sample(bytes(i % 251 for i in range(7 * 27)), SMALL)
    store = blocks_of(file)
    assert b"".join(unixfs.read(file.root, store.get, 7 * 13, 7 * 13 + 1)) == file.data[91:92]
    assert len(store.asked) == 4  # root, two inner nodes, one leaf


def test_a_missing_block_is_the_sources_error() -> None:
    file = sample(bytes(range(30)), SMALL)
    store = blocks_of(file)
    del store.data[raw_cid(hashlib.sha256(file.data[28:30]).digest())]
    stream = unixfs.read(file.root, store.get)
    with pytest.raises(GatewayError):
        list(stream)


def _node(*children: tuple[Block, int]) -> Block:
    data = encode_node(
        FileNode(links=tuple(Link(block.cid, 0) for block, _ in children), sizes=tuple(size for _, size in children))
    )
    return Block(Cid(0x70, hashlib.sha256(data).digest()), data)


def _leaf(data: bytes) -> Block:
    return Block(raw_cid(hashlib.sha256(data).digest()), data)


@pytest.mark.parametrize("claimed", [1, 4, 6, 2**40])
def test_a_parent_that_lies_about_its_child_is_refused(claimed: int) -> None:
    leaf = _leaf(b"hello")
    root = _node((leaf, claimed))
    store = Blocks([leaf, root])
    for run in (unixfs.read(root.cid, store.get), unixfs.walk(root.cid, store.get)):
        with pytest.raises(MalformedCar, match="5 bytes"):
            list(run)


def test_a_file_that_is_too_deep_is_refused() -> None:
    chain = [_leaf(b"x")]
    while len(chain) < unixfs.reader.MAX_DEPTH + 2:
        chain.append(_node((chain[-1], 1)))
    store = Blocks(chain)
    assert b"".join(unixfs.read(chain[-2].cid, store.get)) == b"x"
    with pytest.raises(MalformedCar, match="deeper"):
        list(unixfs.read(chain[-1].cid, store.get))
    with pytest.raises(MalformedCar, match="deeper"):
        list(unixfs.walk(chain[-1].cid, store.get))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data[:9] + b"!" + data[10:], "bytes from 7 on"),
        (lambda data: data[:-1], "bytes from 28 on"),
        (lambda data: data[:10], "bytes from 7 on"),
        (lambda data: data + b"!", "more than 30 bytes|bytes from 28 on"),
        (lambda data: b"", "bytes from 0 on"),
    ],
    ids=["edited", "shortened", "cut", "appended", "emptied"],
)
def test_a_file_that_changed_after_the_scan_is_refused(change: object, message: str) -> None:
    file = sample(bytes(range(30)), SMALL)
    assert callable(change)
    with pytest.raises(PublishError, match=message) as caught:
        list(unixfs.blocks(file.dag, io.BytesIO(change(file.data))))
    assert caught.value.hint


def test_a_file_that_grew_by_whole_chunks_is_refused() -> None:
    file = sample(bytes(28), SMALL)
    with pytest.raises(PublishError, match="more than 28 bytes"):
        list(unixfs.blocks(file.dag, io.BytesIO(bytes(35))))


class _OneByOne(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 1))


@given(st.binary(max_size=60))
def test_streams_may_return_less_than_was_asked_for(data: bytes) -> None:
    whole = sample(data, SMALL)
    assert unixfs.scan(_OneByOne(data), SMALL) == whole.dag
    assert list(unixfs.blocks(whole.dag, _OneByOne(data))) == list(unixfs.blocks(whole.dag, io.BytesIO(data)))


@given(st.binary(max_size=100))
def test_scan_begins_where_the_stream_stands(data: bytes) -> None:
    stream = io.BytesIO(b"before" + data)
    stream.seek(6)
    assert unixfs.scan(stream, SMALL) == sample(data, SMALL).dag
    assert unixfs.scan(io.BytesIO(data), SMALL).sha256 == hashlib.sha256(data).digest()
