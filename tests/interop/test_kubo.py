"""Against a real Kubo node: the same CIDs, our archives taken, and gateways that answer alike."""

import hashlib
import io
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from dipmp_lib.devnet.ipfs.blocks import BlockStore
from dipmp_lib.devnet.ipfs.server import BlockServer, serve_blocks
from dipmp_lib.errors import GatewayError, PinnerError
from dipmp_lib.http import Fetcher
from dipmp_lib.ipfs import car, unixfs
from dipmp_lib.ipfs.gateways import GatewayPool
from dipmp_lib.ipfs.pinning import pinner_from_uri
from dipmp_lib.ipfs.unixfs import FileDag
from tests.support.files.content import MIB, pattern
from tests.support.programs.kubo import Kubo, running_kubo
from tests.support.waiting import HANGS

pytestmark = pytest.mark.kubo

SIZES = [0, 1, MIB, MIB + 1, 5 * MIB, 300 * MIB]
LARGE = 5 * MIB


@pytest.fixture(scope="module")
def kubo() -> Iterator[Kubo]:
    with tempfile.TemporaryDirectory() as folder, running_kubo(Path(folder)) as node:
        yield node


@pytest.fixture(scope="module")
def other_kubo() -> Iterator[Kubo]:
    """A node that never sees the files themselves, only archives."""
    with tempfile.TemporaryDirectory() as folder, running_kubo(Path(folder)) as node:
        yield node


@pytest.fixture(scope="module")
def embedded() -> Iterator[BlockServer]:
    with serve_blocks(BlockStore()) as server:
        yield server


def scanned(size: int) -> FileDag:
    return unixfs.scan(pattern(size))


def send(rpc_url: str, dag: FileDag) -> None:
    pinner_from_uri(f"kubo:{rpc_url}").pin(dag.root, lambda: car.of_file(dag, lambda: pattern(dag.size)), car.size(dag))


@pytest.mark.parametrize("size", SIZES)
def test_kubo_gives_a_file_the_cid_that_we_give_it(kubo: Kubo, size: int, tmp_path: Path) -> None:
    file = tmp_path / "file.bin"
    with file.open("wb") as out:
        shutil.copyfileobj(pattern(size), out, MIB)
    ours = str(scanned(size).root)
    assert kubo.add(file) == ours
    spelt_out = ("--cid-version=1", "--raw-leaves", "--chunker=size-1048576", "--max-file-links=1024")
    assert kubo.run("add", "--quieter", "--only-hash", *spelt_out, str(file)).strip() == ours


@pytest.mark.parametrize("size", SIZES)
def test_kubo_keeps_a_file_that_came_as_our_archive(other_kubo: Kubo, size: int) -> None:
    dag = scanned(size)
    send(other_kubo.rpc_url, dag)
    assert str(dag.root) in other_kubo.run("pin", "ls", "--type=recursive", str(dag.root))
    digest = hashlib.sha256()
    with requests.get(f"{other_kubo.gateway_url}/ipfs/{dag.root}", stream=True, timeout=HANGS) as answer:
        assert answer.headers["Content-Length"] == str(size)
        for piece in answer.iter_content(MIB):
            digest.update(piece)
    assert digest.digest() == dag.sha256


def test_kubo_writes_the_archive_that_we_write(other_kubo: Kubo) -> None:
    dag = scanned(LARGE)
    send(other_kubo.rpc_url, dag)
    ours = b"".join(car.of_file(dag, lambda: pattern(LARGE)))
    theirs = requests.get(f"{other_kubo.gateway_url}/ipfs/{dag.root}?format=car", timeout=HANGS).content
    assert theirs == ours
    assert list(car.read(io.BytesIO(theirs)).blocks) == list(unixfs.blocks(dag, pattern(LARGE)))


def test_a_corrupted_archive_is_refused(other_kubo: Kubo, embedded: BlockServer) -> None:
    dag = unixfs.scan(io.BytesIO(b"not to be kept" * 100_000))
    archive = bytearray(b"".join(car.of_file(dag, lambda: io.BytesIO(b"not to be kept" * 100_000))))
    archive[-1] ^= 1
    for rpc_url in (other_kubo.rpc_url, embedded.rpc_url):
        with pytest.raises(PinnerError, match="answered 500"):
            pinner_from_uri(f"kubo:{rpc_url}").pin(dag.root, lambda: iter([bytes(archive)]), len(archive))
        assert requests.post(f"{rpc_url}/api/v0/pin/ls?arg={dag.root}", timeout=HANGS).status_code == 500


def test_an_incomplete_archive_is_not_pinned(other_kubo: Kubo, embedded: BlockServer) -> None:
    data = bytes(range(256)) * 8192 + b"incomplete"
    dag = unixfs.scan(io.BytesIO(data))
    *most, _ = unixfs.blocks(dag, io.BytesIO(data))
    archive = b"".join(car.write(dag.root, most))
    for rpc_url in (other_kubo.rpc_url, embedded.rpc_url):
        with pytest.raises(PinnerError, match="did not pin it"):
            pinner_from_uri(f"kubo:{rpc_url}").pin(dag.root, lambda: iter([archive]), len(archive))


SAME_HEADERS = (
    "Accept-Ranges",
    "Cache-Control",
    "Content-Disposition",
    "Content-Length",
    "Content-Location",
    "Content-Range",
    "Etag",
    "X-Ipfs-Path",
    "X-Ipfs-Roots",
)


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", {}),
        ("?filename=a-1.0-py3-none-any.whl", {}),
        ("?filename=a%22%20b%C3%A9.whl", {}),
        ("?filename=a.whl&download=true", {}),
        ("", {"Range": "bytes=0-0"}),
        ("", {"Range": "bytes=1048570-1048590"}),
        ("", {"Range": "bytes=5242000-"}),
        ("", {"Range": "bytes=-7"}),
        ("", {"Range": "bytes=5242870-99999999"}),
        ("?filename=a.whl", {"Range": "bytes=5-10"}),
        ("", {"Range": "bytes=0-3", "If-Range": '"other"'}),
        ("?format=raw", {}),
        ("?format=raw", {"Range": "bytes=2-9"}),
        ("", {"Accept": "application/vnd.ipld.raw"}),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_both_gateways_answer_alike(
    other_kubo: Kubo, embedded: BlockServer, method: str, query: str, headers: dict[str, str]
) -> None:
    dag = scanned(LARGE)
    answers = []
    for rpc_url, gateway_url in (
        (other_kubo.rpc_url, other_kubo.gateway_url),
        (embedded.rpc_url, embedded.gateway_url),
    ):
        send(rpc_url, dag)
        answers.append(
            requests.request(method, f"{gateway_url}/ipfs/{dag.root}{query}", headers=headers, timeout=HANGS)
        )
    theirs, ours = answers
    assert ours.status_code == theirs.status_code
    assert ours.content == theirs.content
    assert {name: ours.headers.get(name) for name in SAME_HEADERS} == {
        name: theirs.headers.get(name) for name in SAME_HEADERS
    }


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("{root}", {"Cache-Control": "only-if-cached"}, 200),
        ("{root}", {"Range": "bytes=5242880-"}, 416),
        ("{root}", {"If-None-Match": '"{root}"'}, 304),
        ("{root}/below", {}, 404),
        ("{root}?format=car&dag-scope=some", {}, 400),
        ("{root}?format=car&car-version=2", {}, 400),
        ("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", {}, 404),
        (
            "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
            {"Cache-Control": "only-if-cached"},
            412,
        ),
        ("nonsense", {}, 400),
    ],
)
def test_both_gateways_give_the_same_status(
    other_kubo: Kubo, embedded: BlockServer, query: str, headers: dict[str, str], status: int
) -> None:
    dag = scanned(LARGE)
    headers = {name: value.format(root=dag.root) for name, value in headers.items()}
    for rpc_url, gateway_url in (
        (other_kubo.rpc_url, other_kubo.gateway_url),
        (embedded.rpc_url, embedded.gateway_url),
    ):
        send(rpc_url, dag)
        url = f"{gateway_url}/ipfs/{query.format(root=dag.root)}"
        assert requests.get(url, headers=headers, timeout=HANGS).status_code == status


def test_our_client_reads_from_both(other_kubo: Kubo, embedded: BlockServer) -> None:
    dag = scanned(LARGE)
    send(other_kubo.rpc_url, dag)
    fetcher = Fetcher()
    try:
        # The embedded store lacks this file: the first gateway that has it is the second one.
        lonely = unixfs.scan(io.BytesIO(b"only on kubo"))
        pinner_from_uri(f"kubo:{other_kubo.rpc_url}").pin(
            lonely.root, lambda: car.of_file(lonely, lambda: io.BytesIO(b"only on kubo")), car.size(lonely)
        )
        both = GatewayPool([f"{embedded.gateway_url}/ipfs", f"{other_kubo.gateway_url}/ipfs"], fetcher)
        picked = both.pick(lonely.root, "x.whl", len(b"only on kubo"))
        assert picked == f"{other_kubo.gateway_url}/ipfs/{lonely.root}?filename=x.whl"
        assert both.block(lonely.root) == b"only on kubo"
        real = GatewayPool([other_kubo.gateway_url], fetcher)
        assert hashlib.sha256(b"".join(unixfs.read(dag.root, real.block))).digest() == dag.sha256
        with pytest.raises(GatewayError, match="404"):
            real.block(unixfs.scan(io.BytesIO(b"nobody has this")).root)
    finally:
        fetcher.close()
