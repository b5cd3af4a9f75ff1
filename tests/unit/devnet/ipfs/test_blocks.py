"""The embedded block store on disk: whole blocks or none, pins that mean something, restarts."""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dipmp_lib.devnet.ipfs.blocks import BlockStore
from dipmp_lib.errors import GatewayError, MalformedCar
from dipmp_lib.ipfs import unixfs
from dipmp_lib.ipfs.cid import DAG_PB, RAW, Block, Cid
from dipmp_lib.ipfs.unixfs import FileNode, Link, Profile, encode_node
from tests.support.files.content import Sample, sample

SMALL = Profile(chunk=7, width=3)
FILE = sample(bytes(range(100)), SMALL)


def fill(store: BlockStore, file: Sample = FILE) -> None:
    assert store.import_car(io.BytesIO(b"".join(file.car()))) == (file.root,)


def test_what_was_imported_and_pinned_survives_a_restart(tmp_path: Path) -> None:
    store = BlockStore(tmp_path / "deep" / "er")
    fill(store)
    store.pin(FILE.root)
    again = BlockStore(tmp_path / "deep" / "er")
    assert b"".join(unixfs.read(FILE.root, again.get)) == FILE.data
    assert again.pins() == [FILE.root]
    assert again.is_pinned(FILE.root)


def test_without_a_path_nothing_is_left_behind() -> None:
    store = BlockStore()
    fill(store)
    folder = store.path
    assert folder.is_dir()
    del store
    assert not folder.exists()


def test_bytes_that_are_not_the_cids_are_refused() -> None:
    store = BlockStore()
    with pytest.raises(MalformedCar):
        store.put(Block(FILE.root, b"other"))
    assert not store.has(FILE.root)


def test_the_same_bytes_are_found_under_every_codec() -> None:
    store = BlockStore()
    digest = hashlib.sha256(b"x").digest()
    store.put(Block(Cid(RAW, digest), b"x"))
    assert store.get(Cid(DAG_PB, digest)) == b"x"


def test_a_missing_block_is_named() -> None:
    with pytest.raises(GatewayError, match=str(FILE.root)):
        BlockStore().get(FILE.root)


def test_a_block_damaged_on_disk_is_never_given_out_and_heals(tmp_path: Path) -> None:
    store = BlockStore(tmp_path)
    fill(store)
    name = FILE.root.digest.hex()
    (tmp_path / "blocks" / name[:2] / name).write_bytes(b"")
    with pytest.raises(GatewayError, match="damaged"):
        store.get(FILE.root)
    fill(store)
    assert store.get(FILE.root)


def test_only_a_complete_file_can_be_pinned() -> None:
    store = BlockStore()
    *most, last = unixfs.blocks(FILE.dag, io.BytesIO(FILE.data))
    for block in most:
        store.put(block)
    with pytest.raises(GatewayError, match=str(last.cid)):
        store.pin(FILE.root)
    assert not store.is_pinned(FILE.root)
    store.put(last)
    store.pin(FILE.root)
    assert store.is_pinned(FILE.root)


def test_a_node_that_is_no_file_cannot_be_pinned() -> None:
    store = BlockStore()
    directory = unixfs.encode_dag_pb([], b"\x08\x01")
    cid = Cid(DAG_PB, hashlib.sha256(directory).digest())
    store.put(Block(cid, directory))
    with pytest.raises(MalformedCar):
        store.pin(cid)


def test_pinning_a_dag_that_links_one_node_a_thousand_times_is_quick() -> None:
    store, size = BlockStore(), 1
    block = Block(Cid(RAW, hashlib.sha256(b"x").digest()), b"x")
    for _ in range(4):
        store.put(block)
        data = encode_node(FileNode(links=(Link(block.cid, 0),) * 1000, sizes=(size,) * 1000))
        block, size = Block(Cid(DAG_PB, hashlib.sha256(data).digest()), data), size * 1000
    store.put(block)
    store.pin(block.cid)
    assert store.pins() == [block.cid]


def test_a_corrupted_archive_keeps_only_right_blocks() -> None:
    store = BlockStore()
    archive = bytearray(b"".join(FILE.car()))
    archive[-1] ^= 1
    with pytest.raises(MalformedCar):
        store.import_car(io.BytesIO(bytes(archive)))
    *right, wrong = unixfs.blocks(FILE.dag, io.BytesIO(FILE.data))
    assert all(store.get(block.cid) == block.data for block in right)
    assert not store.has(wrong.cid)


def test_a_half_written_file_from_a_killed_process_is_swept(tmp_path: Path) -> None:
    BlockStore(tmp_path)
    (tmp_path / "tmp" / "half").write_bytes(b"ab")
    BlockStore(tmp_path)
    assert not list((tmp_path / "tmp").iterdir())


@pytest.mark.slow
def test_threads_may_write_the_same_blocks(tmp_path: Path) -> None:
    store = BlockStore(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: fill(store), range(24)))
    assert b"".join(unixfs.read(FILE.root, store.get)) == FILE.data
    assert not list((tmp_path / "tmp").iterdir())
