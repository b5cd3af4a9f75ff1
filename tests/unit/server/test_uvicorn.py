"""An application under uvicorn, in the background of a program."""

import http.client
import socket
import threading
from urllib.parse import urlsplit

import pytest
from starlette.types import Receive, Scope, Send

from dipmp_lib.http.listen import listen
from dipmp_lib.server.uvicorn import background, server
from tests.support.waiting import HANGS


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


def get(url: str) -> tuple[int, bytes, str | None]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=HANGS)
    try:
        connection.request("GET", "/")
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.getheader("server")
    finally:
        connection.close()


def test_a_background_server_answers_while_the_block_runs_and_is_gone_after_it() -> None:
    listening = listen("127.0.0.1", 0)
    with background(hello, listening) as url:
        assert get(url) == (200, b"hello", None)  # and does not name itself
    assert listening.fileno() == -1
    assert not [thread for thread in threading.enumerate() if thread.name == "dipmp-server"]


def test_the_socket_is_closed_where_the_block_fails() -> None:
    listening = listen("127.0.0.1", 0)
    with pytest.raises(ZeroDivisionError), background(hello, listening):
        raise ZeroDivisionError
    assert listening.fileno() == -1


def test_ready_is_called_when_requests_are_accepted() -> None:
    ready = threading.Event()
    listening: socket.socket = listen("127.0.0.1", 0)
    running = server(hello, log=False, ready=ready.set)
    thread = threading.Thread(target=running.run, args=([listening],))
    with listening:
        assert not ready.is_set()
        thread.start()
        try:
            assert ready.wait(HANGS)
            host, port = listening.getsockname()
            assert get(f"http://{host}:{port}")[0] == 200
        finally:
            running.should_exit = True
            thread.join(HANGS)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("log", "requests", "expected"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_requests_are_logged_only_where_that_is_wanted(log: bool, requests: bool, expected: bool) -> None:
    config = server(hello, log=log, requests=requests).config
    assert (config.access_log, config.server_header, config.lifespan) == (expected, False, "off")
    assert (config.log_config is None) is not log
