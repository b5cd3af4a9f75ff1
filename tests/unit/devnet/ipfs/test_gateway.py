"""The gateway: files, ranges, conditions, raw blocks and archives (Path and Trustless Gateway)."""

import http.client
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.devnet.ipfs.server import BlockServer
from dipmp_lib.http.ranges import byte_range
from dipmp_lib.ipfs import car, unixfs
from tests.support.files.content import pattern, sample
from tests.support.systems.block_server import EMPTY, FILE, SMALL, ask, block_server, get

ABSENT = sample(b"nobody has this")
IMMUTABLE = "public, max-age=29030400, immutable"


@pytest.fixture(scope="module")
def server() -> Iterator[BlockServer]:
    with block_server() as running:
        yield running


@pytest.mark.parametrize("file", [FILE, SMALL, EMPTY], ids=["large", "small", "empty"])
def test_a_file_is_served_whole(server: BlockServer, file: object) -> None:
    assert isinstance(file, type(FILE))
    got = get(server, str(file.root))
    assert (got.status, got.body) == (200, file.data)
    assert got.headers["etag"] == f'"{file.root}"'
    assert got.headers["cache-control"] == IMMUTABLE
    assert got.headers["content-length"] == str(len(file.data))
    assert got.headers["accept-ranges"] == "bytes"
    assert got.headers["x-ipfs-path"] == f"/ipfs/{file.root}"
    assert got.headers["content-type"] == "application/octet-stream"
    assert "content-disposition" not in got.headers


def test_head_is_get_without_a_body(server: BlockServer) -> None:
    for target in (f"{FILE.root}", f"{FILE.root}?format=raw", f"{FILE.root}?format=car", f"{ABSENT.root}"):
        head, whole = ask(server, "HEAD", f"/ipfs/{target}"), get(server, target)
        assert head.body == b""
        assert head.status == whole.status
        assert {**head.headers, "date": ""} == {**whole.headers, "date": ""}


@pytest.mark.parametrize(
    ("query", "disposition"),
    [
        ("filename=a-1.0.whl", "inline; filename=\"a-1.0.whl\"; filename*=UTF-8''a-1.0.whl"),
        ("filename=a.whl&download=true", "attachment; filename=\"a.whl\"; filename*=UTF-8''a.whl"),
        ("filename=a.whl&download=false", "inline; filename=\"a.whl\"; filename*=UTF-8''a.whl"),
        ("filename=%22%0d%0aX:%20y", "inline; filename=\"%22%0D%0AX%3A%20y\"; filename*=UTF-8''%22%0D%0AX%3A%20y"),
        ("filename=test%D1%82.pdf", "inline; filename=\"test_.pdf\"; filename*=UTF-8''test%D1%82.pdf"),
        ("filename=%ff", "inline; filename=\"_\"; filename*=UTF-8''%EF%BF%BD"),
        ("download=true", "attachment"),
    ],
)
def test_file_names(server: BlockServer, query: str, disposition: str) -> None:
    assert get(server, f"{SMALL.root}?{query}").headers["content-disposition"] == disposition


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=5-10", 5, 10),
        ("bytes=1048570-1048590", 1048570, 1048590),
        ("bytes=2097200-", 2097200, 2097251),
        ("bytes=2097200-99999999", 2097200, 2097251),
        ("bytes=-7", 2097245, 2097251),
        ("bytes=-99999999", 0, 2097251),
    ],
)
def test_one_range(server: BlockServer, header: str, first: int, last: int) -> None:
    got = get(server, str(FILE.root), Range=header)
    assert got.status == 206
    assert got.body == FILE.data[first : last + 1]
    assert got.headers["content-range"] == f"bytes {first}-{last}/{len(FILE.data)}"
    assert got.headers["content-length"] == str(last + 1 - first)
    assert got.headers["etag"] == f'"{FILE.root}"'


@pytest.mark.parametrize("header", ["bytes=11-", "bytes=100-200", "bytes=-0"])
def test_a_range_past_the_end(server: BlockServer, header: str) -> None:
    got = get(server, str(SMALL.root), Range=header)
    assert got.status == 416
    assert got.headers["content-range"] == "bytes */11"


@pytest.mark.parametrize(
    "header", ["bytes=5-3", "items=0-1", "bytes=-", "bytes=0-1,3-4", "bytes=a-b", "bytes=" + "9" * 40 + "-"]
)
def test_a_range_that_cannot_be_read_is_ignored(server: BlockServer, header: str) -> None:
    got = get(server, str(SMALL.root), Range=header)
    assert (got.status, got.body) == (200, SMALL.data)


@given(st.text(max_size=20) | st.from_regex(r"bytes=[0-9]{0,5}-[0-9]{0,5}", fullmatch=True), st.integers(0, 5000))
def test_ranges_stay_inside_the_body(header: str, size: int) -> None:
    span = byte_range(header, size)
    assert span is None or span[0] >= span[1] or 0 <= span[0] < span[1] <= size


def test_if_range_wants_the_same_file(server: BlockServer) -> None:
    etag = f'"{SMALL.root}"'
    assert get(server, str(SMALL.root), Range="bytes=0-1", If_Range=etag).status == 206
    assert get(server, str(SMALL.root), Range="bytes=0-1", If_Range='"other"').status == 200


@pytest.mark.parametrize("tag", ['"{}"', 'W/"{}"', '"x", "{}"', "*"])
def test_not_modified(server: BlockServer, tag: str) -> None:
    got = get(server, str(SMALL.root), If_None_Match=tag.format(SMALL.root))
    assert (got.status, got.body) == (304, b"")
    assert got.headers["etag"] == f'"{SMALL.root}"'
    assert get(server, f"{SMALL.root}?format=raw", If_None_Match='"x"').status == 200


def test_a_raw_block_in_both_ways(server: BlockServer) -> None:
    root = next(unixfs.blocks(FILE.dag, io.BytesIO(FILE.data)))
    by_query = get(server, f"{FILE.root}?format=raw")
    by_accept = get(server, f"{FILE.root}", Accept="text/html, application/vnd.ipld.raw;q=0.9")
    for got in (by_query, by_accept):
        assert (got.status, got.body) == (200, root.data)
        assert got.headers["content-type"] == "application/vnd.ipld.raw"
        assert got.headers["etag"] == f'"{FILE.root}.raw"'
        assert got.headers["content-disposition"].startswith(f'attachment; filename="{FILE.root}.bin"')
        assert got.headers["x-content-type-options"] == "nosniff"
    assert by_accept.headers["content-location"] == f"/ipfs/{FILE.root}?format=raw"
    assert "content-location" not in by_query.headers


def test_part_of_a_raw_block(server: BlockServer) -> None:
    got = get(server, f"{SMALL.root}?format=raw", Range="bytes=6-")
    assert (got.status, got.body) == (206, b"world")


def test_an_archive_is_the_one_that_was_sent(server: BlockServer) -> None:
    got = get(server, f"{FILE.root}?format=car")
    assert got.body == b"".join(FILE.car())
    assert got.headers["content-type"] == "application/vnd.ipld.car; version=1; order=dfs; dups=y"
    assert got.headers["content-disposition"].startswith(f'attachment; filename="{FILE.root}.car"')
    assert got.headers["etag"].startswith(f'W/"{FILE.root}.car')
    assert got.headers["accept-ranges"] == "none"
    assert get(server, f"{FILE.root}?format=car&dag-scope=entity").body == got.body
    assert get(server, str(FILE.root), Accept="application/vnd.ipld.car; version=1").body == got.body


def test_an_archive_of_the_root_alone(server: BlockServer) -> None:
    got = get(server, f"{FILE.root}?format=car&dag-scope=block")
    read = car.read(io.BytesIO(got.body))
    assert read.roots == (FILE.root,)
    assert [block.cid for block in read.blocks] == [FILE.root]
    assert got.headers["etag"] != get(server, f"{FILE.root}?format=car").headers["etag"]


@pytest.mark.parametrize("query", ["dag-scope=some", "entity-bytes=0:5", "car-version=2"])
def test_an_archive_that_cannot_be_made(server: BlockServer, query: str) -> None:
    assert get(server, f"{FILE.root}?format=car&{query}").status == 400


@pytest.mark.parametrize("query", ["", "?format=raw", "?format=car", "?filename=x"])
def test_absence(server: BlockServer, query: str) -> None:
    assert get(server, f"{ABSENT.root}{query}").status == 404
    assert get(server, f"{ABSENT.root}{query}", Cache_Control="only-if-cached").status == 412
    assert get(server, f"{SMALL.root}{query}", Cache_Control="only-if-cached").status == 200


@pytest.mark.parametrize("target", ["", "x", "bafkqaaa", "%00", "..%2f..%2fetc", f"{SMALL.root}a", "Qm" + "1" * 44])
def test_a_bad_cid(server: BlockServer, target: str) -> None:
    got = get(server, target)
    assert got.status == 400
    assert b"is not a CID" in got.body


def test_paths_around_a_file(server: BlockServer) -> None:
    assert get(server, f"{SMALL.root}/").body == SMALL.data
    assert get(server, f"{SMALL.root}/x").status == 404
    assert get(server, f"{SMALL.root}?format=tar").status == 406
    assert ask(server, "GET", "/").status == 404
    assert ask(server, "PUT", f"/ipfs/{SMALL.root}").status == 501


def test_a_node_that_is_no_file_is_not_shown_as_one(server: BlockServer) -> None:
    data = unixfs.encode_dag_pb([], b"\x08\x01")
    block = sample(data)
    server.store.import_car(io.BytesIO(b"".join(block.car())))
    directory = unixfs.UNIXFS_V1_2025.node_cid(block.root.digest)
    assert get(server, str(directory)).status == 406
    assert get(server, f"{directory}?format=raw").body == data


def test_a_file_with_a_missing_leaf_is_cut_off_not_made_up(server: BlockServer) -> None:
    partial = sample(bytes(range(256)) * 4096 + pattern(1000).read())
    *most, _ = unixfs.blocks(partial.dag, io.BytesIO(partial.data))
    for block in most:
        server.store.put(block)
    for query in ("", "?format=car"):
        with pytest.raises(http.client.IncompleteRead):
            get(server, f"{partial.root}{query}")
    assert get(server, str(partial.root), Range="bytes=0-9").body == partial.data[:10]
