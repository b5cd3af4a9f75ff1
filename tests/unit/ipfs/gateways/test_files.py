"""Whole files from gateways: in order, verified, read ahead a little, and never past what does not verify."""

import hashlib
import io
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dipmp_lib.devnet.ipfs.blocks import BlockStore
from dipmp_lib.devnet.ipfs.server import BlockServer, serve_blocks
from dipmp_lib.errors import GatewayError
from dipmp_lib.http import Fetcher
from dipmp_lib.ipfs import unixfs
from dipmp_lib.ipfs.gateways import GatewayPool
from dipmp_lib.ipfs.gateways.files import FileReader
from dipmp_lib.ipfs.unixfs import Profile
from dipmp_lib.model.pages import File
from dipmp_lib.telemetry import Event
from tests.support.fakes.registry import make_file
from tests.support.faulty.fault_proxy import FaultProxy
from tests.support.faulty.toxics import Request, hang, only, override, rewrite
from tests.support.files.content import MIB, Sample, pattern, sample, zeros
from tests.support.waiting import HANGS

pytestmark = pytest.mark.slow

SMALL = sample(b"a small file")
LARGE = sample(pattern(6 * MIB + 12_345).read())
SCATTERED = sample(bytes(range(256)) * 8_000, Profile(chunk=4096, width=64))


def listed(content: Sample, **changes: object) -> File:
    values = {
        "sha256": hashlib.sha256(content.data).digest(),
        "dag_root": None if content.root.codec == 0x55 else content.root.digest,
        "size": len(content.data),
    }
    return replace(make_file("demo_pkg-1.0.zip", "1.0"), **(values | changes))  # type: ignore[arg-type]


class Told:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def tell(self, event: Event, **facts: str | float) -> None:
        self.events.append(event)


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlockServer]:
    store = BlockStore(tmp_path_factory.mktemp("blocks"))
    for content in (SMALL, LARGE, SCATTERED):
        for block in unixfs.blocks(content.dag, io.BytesIO(content.data)):
            store.put(block)
    with serve_blocks(store) as server:
        yield server


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    fetcher = Fetcher()
    yield fetcher
    fetcher.close()


def reader(fetcher: Fetcher, *urls: str, told: Told | None = None) -> FileReader:
    return FileReader(GatewayPool(urls, fetcher), telemetry=told or Told())


def is_leaf(request: Request) -> bool:
    return "format=raw" in request.path and str(LARGE.root) not in request.path


@pytest.mark.slow
@pytest.mark.parametrize("content", [SMALL, LARGE, SCATTERED], ids=["small", "large", "scattered"])
def test_a_whole_file(content: Sample, blocks: BlockServer, fetcher: Fetcher) -> None:
    pieces = list(reader(fetcher, blocks.gateway_url).read(listed(content), 0, len(content.data)))
    assert b"".join(pieces) == content.data
    assert all(0 < len(piece) <= MIB for piece in pieces)


SIZE = len(LARGE.data)
SPANS = [(0, 1), (0, MIB), (MIB - 1, MIB + 1), (5, SIZE), (SIZE - 1, SIZE), (3 * MIB, 3 * MIB + 1), (MIB, 5 * MIB + 7)]


@pytest.mark.parametrize(("start", "stop"), SPANS)
def test_a_range_takes_only_the_blocks_it_needs(start: int, stop: int, blocks: BlockServer, fetcher: Fetcher) -> None:
    with FaultProxy(blocks.gateway_url) as gateway:
        got = b"".join(reader(fetcher, gateway.url).read(listed(LARGE), start, stop))
        assert got == LARGE.data[start:stop]
        assert len([r for r in gateway.requests if is_leaf(r)]) == (stop - 1) // MIB - start // MIB + 1


def test_a_range_of_a_small_file(blocks: BlockServer, fetcher: Fetcher) -> None:
    assert b"".join(reader(fetcher, blocks.gateway_url).read(listed(SMALL), 2, 5)) == SMALL.data[2:5]


def test_the_last_piece_is_held_back_where_the_sha256_is_another(blocks: BlockServer, fetcher: Fetcher) -> None:
    told, got = Told(), list[bytes]()
    pieces = reader(fetcher, blocks.gateway_url, told=told).read(listed(LARGE, sha256=bytes(32)), 0, SIZE)
    with pytest.raises(GatewayError, match=r"demo_pkg-1\.0\.zip is not a file: .* their sha256 is another"):
        got.extend(pieces)
    assert b"".join(got) == LARGE.data[: 6 * MIB]
    assert told.events == [Event.DOWNLOAD_FAILED]


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
def test_a_file_of_another_size_than_listed_is_refused(content: Sample, blocks: BlockServer, fetcher: Fetcher) -> None:
    wrong = listed(content, size=len(content.data) + 1)
    with pytest.raises(GatewayError, match="are listed"):
        next(reader(fetcher, blocks.gateway_url).read(wrong, 0, wrong.size))


def test_blocks_that_are_no_file_are_an_outage_not_a_fault(blocks: BlockServer, fetcher: Fetcher) -> None:
    not_a_node = listed(LARGE, dag_root=SMALL.root.digest)
    with pytest.raises(GatewayError, match="is not a file"):
        next(reader(fetcher, blocks.gateway_url).read(not_a_node, 0, SIZE))


def test_a_leaf_that_one_gateway_lacks_comes_from_the_next(blocks: BlockServer, fetcher: Fetcher) -> None:
    with (
        FaultProxy(blocks.gateway_url, only(is_leaf, override(503))) as first,
        FaultProxy(blocks.gateway_url) as second,
    ):
        got = b"".join(reader(fetcher, first.url, second.url).read(listed(LARGE), 0, SIZE))
        assert got == LARGE.data
        assert not [r for r in second.requests if str(LARGE.root) in r.path]


@pytest.mark.parametrize("status", [400, 404, 406, 501])
def test_a_gateway_without_blocks_of_parts_serves_ranges(status: int, blocks: BlockServer, fetcher: Fetcher) -> None:
    with FaultProxy(blocks.gateway_url, only(is_leaf, override(status))) as gateway:
        assert b"".join(reader(fetcher, gateway.url).read(listed(LARGE), 0, SIZE)) == LARGE.data
        ranges = [r.headers["range"] for r in gateway.requests if "range" in r.headers]
        assert sorted(ranges)[:2] == [f"bytes=0-{MIB - 1}", f"bytes={MIB}-{2 * MIB - 1}"]


def test_a_range_that_does_not_verify_is_a_lie(blocks: BlockServer, fetcher: Fetcher) -> None:
    told = Told()
    liar = (only(is_leaf, override(404)), only(lambda r: "range" in r.headers, rewrite(lambda body: body[::-1])))
    with FaultProxy(blocks.gateway_url, *liar) as gateway:
        gateways = GatewayPool([gateway.url], fetcher, telemetry=told)
        with pytest.raises(GatewayError, match="other bytes"):
            list(FileReader(gateways).read(listed(LARGE), 0, SIZE))
    assert Event.GATEWAY_LIED in told.events


def test_little_is_fetched_ahead_of_a_slow_client(blocks: BlockServer, fetcher: Fetcher) -> None:
    with FaultProxy(blocks.gateway_url) as gateway:
        pieces = reader(fetcher, gateway.url).read(listed(LARGE), 1, SIZE)
        next(pieces)
        time.sleep(0.3)
        assert len([r for r in gateway.requests if is_leaf(r)]) <= 4
        pieces.close()
        time.sleep(0.3)
        assert len([r for r in gateway.requests if is_leaf(r)]) <= 4


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(fetcher: Fetcher, tmp_path: Path) -> None:
    dag = unixfs.scan(zeros(64 * MIB))
    store = BlockStore(tmp_path)
    for block in unixfs.blocks(dag, zeros(64 * MIB)):
        store.put(block)
    file = replace(listed(LARGE), size=dag.size, sha256=dag.sha256, dag_root=dag.root.digest)
    with serve_blocks(store) as server:
        files = reader(fetcher, server.gateway_url)
        tracemalloc.start()
        try:
            length = sum(len(piece) for piece in files.read(file, 0, file.size))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    print(f"64 MiB took {peak / MIB:.1f} MiB, the gateway's own included")  # noqa: T201
    assert length == file.size
    assert peak < 16 * MIB


def test_tiny_blocks_are_not_fetched_far_ahead(blocks: BlockServer, fetcher: Fetcher) -> None:
    with FaultProxy(blocks.gateway_url) as gateway:
        pieces = reader(fetcher, gateway.url).read(listed(SCATTERED), 1, len(SCATTERED.data))
        next(pieces)
        time.sleep(0.3)
        assert len(gateway.requests) <= 20
        pieces.close()


def test_a_stalled_leaf_is_asked_for_elsewhere(blocks: BlockServer, fetcher: Fetcher) -> None:
    with FaultProxy(blocks.gateway_url, only(is_leaf, hang(after=100))) as first:
        gateways = GatewayPool([first.url, blocks.gateway_url], fetcher, hedge=0.05, patience=HANGS)
        assert b"".join(FileReader(gateways).read(listed(LARGE), 0, SIZE)) == LARGE.data
