"""The importer against other implementations: the JavaScript importer's vectors and Kubo's own (IPIP-499)."""

import hashlib
import io
from typing import Any, BinaryIO

import pytest

from dipmp_lib.ipfs import car, unixfs
from dipmp_lib.ipfs.cid import parse_cid
from dipmp_lib.ipfs.unixfs import Link
from tests.support.files.content import VECTORS, keystream, pattern, profile

FAST_BYTES = 50_000_000


def cases(group: list[dict[str, Any]]) -> list[Any]:
    return [
        pytest.param(
            vector,
            id=f"{vector['profile']}-{vector.get('seed', 'pattern')}-{vector['size']}",
            marks=[pytest.mark.long] if vector["size"] > FAST_BYTES else [],
        )
        for vector in group
    ]


@pytest.mark.parametrize("vector", cases(VECTORS["vectors"]))
def test_file_vector(vector: dict[str, Any]) -> None:
    dag = unixfs.scan(pattern(vector["size"]), profile(vector["profile"]))
    assert str(dag.root) == vector["cid"]
    assert parse_cid(vector["cid"]) == dag.root
    assert dag.sha256.hex() == vector["file_sha256"]
    assert (dag.size, dag.dag_size) == (vector["size"], vector["dag_size"])
    assert len(dag.levels) == vector["depth"]
    assert dag.leaf_count + sum(map(len, dag.levels)) == vector["blocks"]


@pytest.mark.slow
@pytest.mark.parametrize("vector", cases(VECTORS["kubo_own_vectors"]["vectors"]))
def test_kubo_vector(vector: dict[str, Any]) -> None:
    assert str(unixfs.scan(_content(vector), profile(vector["profile"])).root) == vector["cid"]


@pytest.mark.parametrize(
    "vector", VECTORS["directory_wrap_vectors"]["vectors"], ids=lambda v: f"{v['profile']}-{v['file_size']}"
)
def test_directory_vector(vector: dict[str, Any]) -> None:
    used = profile(vector["profile"])
    dag = unixfs.scan(pattern(vector["file_size"]), used)
    name = VECTORS["directory_wrap_vectors"]["name"]
    block = unixfs.encode_dag_pb([Link(dag.root, dag.dag_size, name)], b"\x08\x01")
    assert str(used.node_cid(hashlib.sha256(block).digest())) == vector["dir_cid"]
    assert len(block) + dag.dag_size == vector["dir_dag_size"]


@pytest.mark.parametrize(
    ("profile_name", "size", "index"),
    [("unixfs-v0-2015", 0, 0), ("unixfs-v0-2015", 1, 1), ("unixfs-v1-2025", 1048577, 2)],
)
def test_block_bytes(profile_name: str, size: int, index: int) -> None:
    root = next(unixfs.blocks(unixfs.scan(pattern(size), profile(profile_name)), pattern(size)))
    assert root.data.hex() == VECTORS["block_hex"][index]["hex"]


def test_every_vector_is_used() -> None:
    assert len(VECTORS["vectors"]) == 33
    assert len(VECTORS["kubo_own_vectors"]["vectors"]) == 10
    assert len(VECTORS["directory_wrap_vectors"]["vectors"]) == 6
    assert len(VECTORS["block_hex"]) == 3


def test_dag_root_is_null_up_to_one_block_and_the_root_digest_above() -> None:
    small, large = unixfs.scan(pattern(1048576)), unixfs.scan(pattern(1048577))
    assert small.dag_root is None
    assert small.root.digest == small.sha256
    assert large.dag_root == parse_cid("bafybeibxixmbcb5blfqfmqq6y7w5vk3ylaiq64bjppro5typpo4ffttzba").digest


def test_archive_of_5_mib_is_the_file_and_551_bytes() -> None:
    dag = unixfs.scan(pattern(5242880))
    assert car.size(dag) == sum(map(len, car.of_file(dag, lambda: pattern(5242880)))) == 5242880 + 551


def _content(vector: dict[str, Any]) -> BinaryIO:
    return keystream(vector["seed"], vector["size"]) if "seed" in vector else io.BytesIO(b"hello world")
