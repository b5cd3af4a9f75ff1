"""The embedded store over HTTP: what pinners and gateway clients rely on (Path and Trustless Gateway, Kubo RPC)."""

import http.client
import io
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.devnet.ipfs.blocks import BlockStore
from dipmp_lib.devnet.ipfs.server import BlockServer, serve_blocks
from dipmp_lib.errors import PinnerError
from dipmp_lib.http import Fetcher
from dipmp_lib.http.ranges import byte_range
from dipmp_lib.ipfs import car, unixfs
from dipmp_lib.ipfs.gateways import GatewayPool
from dipmp_lib.ipfs.pinning import pinner_from_uri
from tests.support.files.content import pattern, sample

FILE = sample(pattern(2 * 2**20 + 100).read())
SMALL = sample(b"hello world")
EMPTY = sample(b"")
ABSENT = sample(b"nobody has this")
IMMUTABLE = "public, max-age=29030400, immutable"


@dataclass(frozen=True, slots=True)
class Got:
    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture(scope="module")
def server() -> Iterator[BlockServer]:
    with serve_blocks(BlockStore()) as running:
        pinner = pinner_from_uri(f"kubo:{running.rpc_url}")
        for file in (FILE, SMALL, EMPTY):
            pinner.pin(file.root, file.car, file.car_size)
        yield running


def ask(server: BlockServer, method: str, target: str, body: bytes = b"", **headers: str) -> Got:
    host = urlsplit(server.gateway_url).netloc
    connection = http.client.HTTPConnection(host, timeout=10)
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, body or None, names)
        answer = connection.getresponse()
        return Got(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def get(server: BlockServer, target: str, **headers: str) -> Got:
    return ask(server, "GET", f"/ipfs/{target}", b"", **headers)


# --- files


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


# --- blocks and archives


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


# --- what is not there


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


# --- the RPC


def form(archive: bytes) -> tuple[bytes, dict[str, str]]:
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n' + archive + b"\r\n--b--\r\n"
    return body, {"Content_Type": "multipart/form-data; boundary=b"}


def test_import_answers_one_line_for_the_root_and_pins_it(server: BlockServer) -> None:
    file = sample(b"imported by hand")
    body, headers = form(b"".join(file.car()))
    got = ask(server, "POST", "/api/v0/dag/import", body, **headers)
    assert (got.status, got.body.count(b"\n")) == (200, 1)
    assert json.loads(got.body) == {"Root": {"Cid": {"/": str(file.root)}, "PinErrorMsg": ""}}
    listed = json.loads(ask(server, "POST", f"/api/v0/pin/ls?arg={file.root}").body)
    assert listed == {"Keys": {str(file.root): {"Type": "recursive", "Name": ""}}}
    assert str(FILE.root) in json.loads(ask(server, "POST", "/api/v0/pin/ls").body)["Keys"]


def test_import_without_pinning(server: BlockServer) -> None:
    file = sample(b"stored only")
    body, headers = form(b"".join(file.car()))
    assert ask(server, "POST", "/api/v0/dag/import?pin-roots=false", body, **headers).body == b""
    assert get(server, str(file.root)).body == file.data
    assert ask(server, "POST", f"/api/v0/pin/ls?arg={file.root}").status == 500


def test_an_incomplete_archive_is_reported_in_the_answer(server: BlockServer) -> None:
    partial = sample(pattern(3 * 2**20).read()[::-1])
    archive = b"".join(car.write(partial.root, [next(unixfs.blocks(partial.dag, io.BytesIO(partial.data)))]))
    with pytest.raises(PinnerError, match=r"did not pin it: block .* is not in the store"):
        pinner_from_uri(f"kubo:{server.rpc_url}").pin(partial.root, lambda: iter([archive]), len(archive))


def test_a_corrupted_archive_is_refused(server: BlockServer) -> None:
    data = bytearray(b"".join(FILE.car()))
    data[1_500_000] ^= 1
    with pytest.raises(PinnerError, match=r"answered 500: .*sha256 is another"):
        pinner_from_uri(f"kubo:{server.rpc_url}").pin(FILE.root, lambda: iter([bytes(data)]), len(data))


ARCHIVE = b"".join(SMALL.car())
BODY, FORM = form(ARCHIVE)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", FORM),
        (ARCHIVE, {"Content_Type": "application/vnd.ipld.car"}),
        (ARCHIVE, FORM),
        (BODY, {"Content_Type": "multipart/form-data; boundary=other"}),
        (BODY, {"Content_Type": "multipart/form-data"}),
        (BODY[:-4], FORM),
        (BODY + b"x", FORM),
        (b"--b\r\n" + b"X: y\r\n" * 100, FORM),
        (b"--b\r\n\r\n", FORM),
        (form(b"")[0], FORM),
        (form(ARCHIVE + b"\x05")[0], FORM),
        (BODY[:-6] + BODY, FORM),
    ],
)
def test_a_form_that_is_not_one_archive_is_refused(server: BlockServer, body: bytes, headers: dict[str, str]) -> None:
    got = ask(server, "POST", "/api/v0/dag/import", body, **headers)
    assert got.status == 500
    assert json.loads(got.body)["Type"] == "error"
    assert json.loads(got.body)["Message"]


def test_calls_come_by_post_from_programs_only(server: BlockServer) -> None:
    assert "Version" in json.loads(ask(server, "POST", "/api/v0/version").body)
    assert ask(server, "GET", "/api/v0/version").status == 405
    assert ask(server, "POST", "/api/v0/version", Origin="http://example.com").status == 403
    assert ask(server, "POST", "/api/v0/version", Host="rebound.example").status == 403
    assert ask(server, "POST", "/api/v0/repo/gc").status == 404
    assert ask(server, "POST", f"/ipfs/{SMALL.root}").status == 404
    assert ask(server, "POST", "/api/v0/pin/ls?arg=nonsense").status == 500


def test_a_body_without_a_length_is_refused(server: BlockServer) -> None:
    host, _, port = urlsplit(server.rpc_url).netloc.partition(":")
    with socket.create_connection((host, int(port)), 10) as raw:
        raw.sendall(
            b"POST /api/v0/dag/import HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        )
        assert raw.recv(100).startswith(b"HTTP/1.1 411 ")


# --- the server


def test_our_own_client_finds_and_verifies_files_here(server: BlockServer) -> None:
    fetcher = Fetcher()
    gateways = GatewayPool([server.gateway_url], fetcher)
    assert gateways.pick(FILE.root, "x.whl", len(FILE.data)) == f"{server.gateway_url}/ipfs/{FILE.root}?filename=x.whl"
    assert b"".join(unixfs.read(FILE.root, gateways.block)) == FILE.data
    fetcher.close()


def test_one_connection_serves_many_requests(server: BlockServer) -> None:
    connection = http.client.HTTPConnection(urlsplit(server.gateway_url).netloc, timeout=10)
    for target in (FILE.root, f"{FILE.root}?format=car", ABSENT.root, SMALL.root):
        connection.request("GET", f"/ipfs/{target}")
        connection.getresponse().read()
    sock = connection.sock
    connection.request("HEAD", f"/ipfs/{SMALL.root}")
    assert connection.getresponse().status == 200
    assert connection.sock is sock
    connection.close()


def test_closing_does_not_wait_for_idle_connections() -> None:
    server = serve_blocks(BlockStore())
    connection = http.client.HTTPConnection(urlsplit(server.gateway_url).netloc, timeout=10)
    connection.request("GET", "/ipfs/x")
    connection.getresponse().read()
    server.close()
    server.close()
    with pytest.raises(OSError, match=r"refused|reset|closed|aborted"):
        http.client.HTTPConnection(urlsplit(server.gateway_url).netloc, timeout=1).request("GET", "/")
    connection.close()


def test_the_port_can_be_chosen_and_a_taken_one_is_an_error(server: BlockServer) -> None:
    port = urlsplit(server.gateway_url).port
    assert port is not None
    with pytest.raises(OSError, match="in use"):
        serve_blocks(BlockStore(), port=port)
