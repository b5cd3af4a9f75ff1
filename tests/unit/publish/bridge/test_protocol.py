"""Over the wire, besides ASGI: reason phrases, and interim responses while a publish runs."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dipmp_lib.http.listen import listen_on
from dipmp_lib.publish.bridge.protocol import INTERIM as INTERIM_KEY
from dipmp_lib.publish.bridge.protocol import BridgeProtocol, with_interim_responses
from dipmp_lib.server.uvicorn import background
from tests.support.files.wheels import build_wheel
from tests.support.systems.bridge import BASIC, BOUNDARY, Gate, TestBridge, upload_form
from tests.support.waiting import HANGS

pytestmark = pytest.mark.slow

INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"


def raw_request(body: bytes, *, version: str = "1.1", headers: str = "", authorization: str = BASIC) -> bytes:
    head = (
        f"POST /legacy/ HTTP/{version}\r\nHost: localhost\r\nAuthorization: {authorization}\r\n{headers}"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body


def connected(origin: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(origin.rpartition(":")[2])), timeout=HANGS)


def read_all(connection: socket.socket) -> bytes:
    """Read to the end of the connection."""
    received = b""
    while piece := connection.recv(65_536):
        received += piece
    return received


def exchange(origin: str, request: bytes) -> bytes:
    """Send a request and read to the end of the connection."""
    with connected(origin) as connection:
        connection.sendall(request)
        return read_all(connection)


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


def test_interim_responses_come_before_the_answer(tmp_path: Path) -> None:
    gate = Gate()
    bridge = TestBridge(tmp_path / "uploads", interim_seconds=0.01)
    bridge.publisher.before = gate
    with background(bridge.app, listen_on(0), http=BridgeProtocol) as origin, connected(origin) as connection:
        connection.sendall(raw_request(upload_form(build_wheel(tmp_path))))
        received = b""
        while received.count(INTERIM) < 3:
            received += connection.recv(65_536)
        assert received.replace(INTERIM, b"") == b""
        gate.opened.set()
        received += read_all(connection)
    assert received.replace(INTERIM, b"").startswith(b"HTTP/1.1 200 OK\r\n")
    assert bridge.publisher.transactions == 1


def test_an_old_client_gets_no_interim_responses(tmp_path: Path) -> None:
    bridge = TestBridge(tmp_path / "uploads", interim_seconds=0.0)
    request = raw_request(upload_form(build_wheel(tmp_path)), version="1.0")
    with background(bridge.app, listen_on(0), http=BridgeProtocol) as origin:
        assert exchange(origin, request).startswith(b"HTTP/1.1 200 OK\r\n")


def test_work_goes_on_where_no_interim_response_can_be_sent() -> None:
    async def work() -> str:
        await asyncio.sleep(0)
        return "done"

    assert asyncio.run(with_interim_responses({}, work(), 0.0)) == "done"


def test_interim_responses_end_with_the_work() -> None:
    async def main() -> None:
        sent = asyncio.Event()

        async def fail() -> None:
            await sent.wait()
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await with_interim_responses({"extensions": {INTERIM_KEY: sent.set}}, fail(), 0.0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


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
    bridge = TestBridge(tmp_path / "uploads", interim_seconds=0.01)
    bridge.publisher.before = gate
    body = upload_form(build_wheel(tmp_path))
    with background(bridge.app, listen_on(0), http=BridgeProtocol) as origin:
        with connected(origin) as connection:
            connection.sendall(raw_request(body))
            assert gate.reached.wait(HANGS)
        with ThreadPoolExecutor(1) as pool:
            again = pool.submit(exchange, origin, raw_request(body))
            gate.opened.set()
            assert b" 200 OK\r\n" in again.result(HANGS)
    assert bridge.publisher.transactions == 1
