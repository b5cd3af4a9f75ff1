"""The fault proxy itself: each toxic does what its name says, and may be changed between two requests."""

import gc
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from dipmp_lib.errors import Upstream
from dipmp_lib.http import Answer, Fetcher
from tests.support.faulty.fault_proxy import FaultProxy, Reply
from tests.support.faulty.fault_server import FaultServer
from tests.support.faulty.toxics import (
    Request,
    Toxic,
    bandwidth,
    endless,
    first,
    hang,
    latency,
    only,
    override,
    raw,
    reset,
    rewrite,
    slicer,
    truncate,
)
from tests.support.waiting import HANGS

BODY = bytes(range(256)) * 40


def upstream(request: Request) -> Reply:
    return 200, BODY, {"X-Path": request.path}


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    with FaultProxy(upstream) as started:
        yield started


def fetch(proxy: FaultProxy, path: str = "/", deadline: float = HANGS, body: bytes = b"") -> Answer:
    method = "POST" if body else "GET"
    return Fetcher().fetch(method, proxy.url + path, body=body, deadline=deadline, max_bytes=100_000)


def test_without_toxics_answers_pass(proxy: FaultProxy) -> None:
    answer = fetch(proxy, "/a?b=c", body=b"question")
    assert (answer.status, answer.body, answer.headers["x-path"]) == (200, BODY, "/a?b=c")
    (request,) = proxy.requests
    assert (request.method, request.path, request.body) == ("POST", "/a?b=c", b"question")
    proxy.reset()
    assert (proxy.requests, proxy.connections) == ([], 0)


def test_a_server_may_be_behind_it() -> None:
    with FaultServer() as server, FaultProxy(f"http://127.0.0.1:{server.port}") as proxy:
        assert fetch(proxy, "/echo", body=b"abc").body == b"abc"
        assert fetch(proxy, "/chunked").body == b"hello"
        with pytest.raises(Upstream, match="broke off"):
            fetch(proxy, "/reset")
        chunked = Fetcher().fetch("POST", proxy.url + "/echo", body=iter([b"ab", b"cd"]), deadline=HANGS, max_bytes=100)
        assert chunked.body == b"abcd"


@pytest.mark.parametrize(
    ("toxic", "said"),
    [
        (hang(), "did not answer completely within"),
        (hang(100), "did not answer completely within"),
        (bandwidth(1), "did not answer completely within"),
        (slicer(10, 0.05), "did not answer completely within"),
        (reset(), "broke off"),
        (reset(100), "broke off"),
        (truncate(100), "broke off"),
        (endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65_536), "sent more than"),
        (raw(b"SSH-2.0-x\r\n"), "did not answer in HTTP"),
        (override(200, b"short", {"Content-Length": "9"}), "broke off"),
    ],
)
def test_faults(proxy: FaultProxy, toxic: Toxic, said: str) -> None:
    proxy.toxics = [toxic]
    with pytest.raises(Upstream, match=said):
        fetch(proxy, deadline=0.3 if "within" in said else HANGS)
    proxy.toxics = []
    assert fetch(proxy).body == BODY


def test_slow_and_sliced_answers_arrive(proxy: FaultProxy) -> None:
    proxy.toxics = [slicer(1000), latency(0.1)]
    assert fetch(proxy).body == BODY
    with pytest.raises(Upstream, match="within"):
        fetch(proxy, deadline=0.05)


def test_bodies_and_statuses_are_replaced(proxy: FaultProxy) -> None:
    proxy.toxics = [rewrite(lambda body: body[:10] + b"!")]
    assert fetch(proxy).body == BODY[:10] + b"!"
    proxy.toxics = [override(429, b"slow down", {"Retry-After": "1"})]
    answer = fetch(proxy)
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (429, b"slow down", "1")


def test_toxics_for_some_requests_only(proxy: FaultProxy) -> None:
    proxy.toxics = [only(lambda request: request.path == "/bad", override(500)), first(1, override(429))]
    assert [fetch(proxy, path).status for path in ("/", "/", "/bad")] == [429, 200, 500]


def test_connections_are_refused_and_accepted_again(proxy: FaultProxy) -> None:
    port = proxy.port
    proxy.refuse()
    with pytest.raises(Upstream, match="refuses the connection"):
        fetch(proxy)
    proxy.accept()
    assert proxy.port == port
    assert fetch(proxy).status == 200


def test_clients_that_connect_while_it_stops_leave_nothing_open() -> None:
    with ExitStack() as clients:
        for _ in range(10):
            with FaultProxy(upstream) as stopping:
                for _ in range(4):
                    client = clients.enter_context(socket.socket())
                    client.setblocking(False)
                    client.connect_ex(("127.0.0.1", stopping.port))
    gc.collect()  # a socket that is still open warns, and warnings are errors
