"""The Kubo RPC: archives that are imported and pinned, and forms that are none."""

import io
import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from dipmp_lib.devnet.ipfs.server import BlockServer
from dipmp_lib.errors import PinnerError
from dipmp_lib.ipfs import car, unixfs
from dipmp_lib.ipfs.pinning import pinner_from_uri
from tests.support.files.content import pattern, sample
from tests.support.systems.block_server import FILE, SMALL, ask, block_server, get

ABSENT = sample(b"nobody has this")
IMMUTABLE = "public, max-age=29030400, immutable"


@pytest.fixture(scope="module")
def server() -> Iterator[BlockServer]:
    with block_server() as running:
        yield running


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


def test_a_body_without_a_length_is_refused(server: BlockServer) -> None:
    host, _, port = urlsplit(server.rpc_url).netloc.partition(":")
    with socket.create_connection((host, int(port)), 10) as raw:
        raw.sendall(
            b"POST /api/v0/dag/import HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        )
        assert raw.recv(100).startswith(b"HTTP/1.1 411 ")
