"""What goes over the wire besides ASGI: reason phrases, and signs of life while a publish runs."""

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dipmp_lib.http.listen import listen_on
from dipmp_lib.publish.bridge.protocol import BridgeProtocol
from dipmp_lib.server.uvicorn import background
from tests.support.files.wheels import build_wheel
from tests.support.systems.bridge import BASIC, BOUNDARY, Gate, TestBridge, upload_form


def raw_request(body: bytes, *, version: str = "1.1", headers: str = "", authorization: str = BASIC) -> bytes:
    head = (
        f"POST /legacy/ HTTP/{version}\r\nHost: localhost\r\nAuthorization: {authorization}\r\n{headers}"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body


def exchange(origin: str, request: bytes) -> bytes:
    """Send a request and read to the end of the connection."""
    with socket.create_connection(("127.0.0.1", int(origin.rpartition(":")[2])), timeout=30) as connection:
        connection.sendall(request)
        received = b""
        while piece := connection.recv(65_536):
            received += piece
    return received


def test_the_sentence_is_the_reason_phrase(tmp_path: Path) -> None:
    bridge = TestBridge(tmp_path / "uploads")
    with background(bridge.app, listen_on(0), http=BridgeProtocol) as origin:
        assert exchange(origin, raw_request(upload_form(build_wheel(tmp_path / "a")))).startswith(
            b"HTTP/1.1 200 OK\r\n"
        )
        answer = exchange(origin, raw_request(upload_form(build_wheel(tmp_path / "b", payload=b"x"))))
    status, _, rest = answer.partition(b"\r\n")
    assert status.startswith(b"HTTP/1.1 400 File already exists: demo-1.0-py3-none-any.whl is already published")
    assert b"reason-phrase" not in rest.lower()


@pytest.mark.parametrize(("version", "signs"), [("1.1", True), ("1.0", False)])
def test_signs_of_life_come_before_the_answer(tmp_path: Path, version: str, *, signs: bool) -> None:
    gate = Gate()
    bridge = TestBridge(tmp_path / "uploads", pulse=0.02)
    bridge.publisher.before = gate
    request = raw_request(upload_form(build_wheel(tmp_path)), version=version)
    with background(bridge.app, listen_on(0), http=BridgeProtocol) as origin, ThreadPoolExecutor(1) as pool:
        answer = pool.submit(exchange, origin, request)
        assert gate.reached.wait(30)
        assert not gate.opened.wait(0.3)
        gate.opened.set()
        received = answer.result(30)
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    assert (received.count(interim) > 2) == signs
    assert received.replace(interim, b"").startswith(b"HTTP/1.1 200 OK\r\n")
    assert bridge.publisher.transactions == 1


def test_a_refusal_reaches_a_client_that_has_not_sent_everything_yet(tmp_path: Path) -> None:
    bridge = TestBridge(tmp_path / "uploads")
    body = upload_form(build_wheel(tmp_path)) + b"x" * 8_000_000
    with background(bridge.app, listen_on(0), http=BridgeProtocol) as origin:
        answer = exchange(origin, raw_request(body, authorization="Basic QTpC"))
        assert answer.startswith(b"HTTP/1.1 403 the token is not the one")
        answer = exchange(origin, raw_request(body))
        assert answer.startswith(b"HTTP/1.1 413 the upload is larger than 200000 bytes")


def test_a_client_that_goes_away_stops_no_publish(tmp_path: Path) -> None:
    gate = Gate()
    bridge = TestBridge(tmp_path / "uploads", pulse=0.02)
    bridge.publisher.before = gate
    body = upload_form(build_wheel(tmp_path))
    with background(bridge.app, listen_on(0), http=BridgeProtocol) as origin:
        with socket.create_connection(("127.0.0.1", int(origin.rpartition(":")[2])), timeout=30) as connection:
            connection.sendall(raw_request(body))
            assert gate.reached.wait(30)
        with ThreadPoolExecutor(1) as pool:
            again = pool.submit(exchange, origin, raw_request(body))
            gate.opened.set()
            assert b" 200 OK\r\n" in again.result(30)
    assert bridge.publisher.transactions == 1
