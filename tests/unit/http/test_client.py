"""The bounded HTTP client against a server that does everything wrong."""

import http.client
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dipmp_lib.errors import GatewayError, InvalidInput, Upstream
from dipmp_lib.http import Answer, Fetcher
from dipmp_lib.http.connections import PlainSocket
from tests.support.exploring import examples
from tests.support.faulty.fault_server import FaultServer, Peer
from tests.support.waiting import HANGS

DEADLINE = 0.2
"""Seconds for what is never answered whole. A deadline for each step would last as long as the peer drips, 30 s."""


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    fetcher = Fetcher()
    yield fetcher
    fetcher.close()


def get(fetcher: Fetcher, url: str, deadline: float = HANGS, max_bytes: int = 1000) -> Answer:
    return fetcher.fetch("GET", url, deadline=deadline, max_bytes=max_bytes)


# -- what works


@pytest.mark.parametrize("path", ["/", "/chunked", "/until-close", "/identity"])
def test_bodies_of_every_framing_arrive(server: FaultServer, fetcher: Fetcher, path: str) -> None:
    answer = get(fetcher, server.url(path))
    assert (answer.status, answer.body) == (200, b"hello")


def test_a_body_of_exactly_the_limit_is_taken(server: FaultServer, fetcher: Fetcher) -> None:
    assert len(get(fetcher, server.url("/too-long"), max_bytes=2000).body) == 2000
    with pytest.raises(Upstream, match="more than the 1999 bytes"):
        get(fetcher, server.url("/too-long"), max_bytes=1999)


def test_headers_are_lower_case_and_joined(server: FaultServer, fetcher: Fetcher) -> None:
    assert get(fetcher, server.url("/echo")).headers["x-twice"] == "a, b"


def test_bodies_are_sent_whole_or_in_parts(server: FaultServer, fetcher: Fetcher) -> None:
    def post(body: bytes | Iterator[bytes]) -> bytes:
        return fetcher.fetch("POST", server.url("/echo"), body=body, deadline=HANGS, max_bytes=10**7).body

    assert post(b"x" * 3_000_000) == b"x" * 3_000_000
    post(iter([b"abc", b"", b"de"]))  # the server does not parse chunks; it is enough that they were sent
    assert server.served[-1] == "POST /echo"


def test_statuses_and_redirects_are_answers(server: FaultServer, fetcher: Fetcher) -> None:
    moved = get(fetcher, server.url("/moved"))
    assert (moved.status, moved.headers["location"]) == (302, "/")
    assert get(fetcher, server.url("/no-content")).status == 204
    assert get(fetcher, server.url("/not-allowed")).status == 413
    head = fetcher.fetch("HEAD", server.url("/"), deadline=HANGS, max_bytes=0)
    assert (head.status, head.headers["content-length"], head.body) == (200, "5", b"")


def test_what_is_sent_asks_for_plain_bytes_and_carries_credentials(server: FaultServer, fetcher: Fetcher) -> None:
    url = server.url("/headers").replace("//", "//us%65r:pa%3Ass@")
    sent = fetcher.fetch("GET", url, headers={"accept-encoding": "gzip"}, deadline=HANGS, max_bytes=1000).body
    assert b"accept-encoding: identity" in sent
    assert b"gzip" not in sent
    assert b"authorization: Basic dXNlcjpwYTpzcw==" in sent
    assert b"user-agent: dipmp" in sent


# -- keep-alive


def test_connections_are_kept_and_shared_by_threads(fetcher: Fetcher) -> None:
    with FaultServer() as own:
        for _ in range(20):
            get(fetcher, own.url("/"))
        assert own.connections == 1
        threads = [threading.Thread(target=lambda: [get(fetcher, own.url("/")) for _ in range(25)]) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(own.served) == 20 + 6 * 25
        assert own.connections <= 6


def test_a_connection_that_died_while_idle_is_replaced(fetcher: Fetcher) -> None:
    with FaultServer() as own:
        for _ in range(5):
            assert get(fetcher, own.url("/answer-and-reset")).body == b"last"


def test_a_connection_that_dies_on_reuse_is_replaced_once(fetcher: Fetcher) -> None:
    def second_fails(peer: Peer) -> None:
        if peer.server.served.count("GET /flaky") in (2, 4, 5):
            peer.reset()
        else:
            peer.answer(b"hello")

    with FaultServer(routes={"/flaky": second_fails}) as own:
        assert get(fetcher, own.url("/flaky")).body == b"hello"
        assert get(fetcher, own.url("/flaky")).body == b"hello"  # the reset connection, then a new one
        with pytest.raises(Upstream, match="broke off"):
            get(fetcher, own.url("/flaky"))  # the new one is reset as well
        assert len(own.served) == 5


def test_a_fresh_connection_that_dies_is_not_tried_again(fetcher: Fetcher) -> None:
    with FaultServer() as own:
        with pytest.raises(Upstream, match="broke off"):
            get(fetcher, own.url("/close"))
        assert len(own.served) == 1


def test_an_old_idle_connection_is_not_used(fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer() as own:
        get(fetcher, own.url("/"))
        monkeypatch.setattr("dipmp_lib.http.connections.MAX_IDLE_SECONDS", -1.0)
        get(fetcher, own.url("/"))
        assert own.connections == 2


# -- time: connecting to last byte, whatever happens in between


@pytest.mark.parametrize(
    "path",
    ["/hang", "/hang-in-body", "/drip-status", "/drip-headers", "/drip-body", "/drip-chunks"],
)
def test_the_deadline_is_total(server: FaultServer, fetcher: Fetcher, path: str) -> None:
    with pytest.raises(Upstream, match=r"within 0\.2 s"):
        get(fetcher, server.url(path), DEADLINE)


def test_the_deadline_covers_sending(fetcher: Fetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        with pytest.raises(Upstream, match="within"):
            fetcher.fetch("POST", url, body=b"x" * 50_000_000, deadline=DEADLINE, max_bytes=10)


def test_the_deadline_covers_name_resolution(fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    real = socket.getaddrinfo

    def slow(host: str, *args: object, **kwargs: object) -> object:
        if host == "slow.invalid" and not kwargs.get("flags"):
            release.wait(HANGS)
        return real(host, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    try:
        with pytest.raises(Upstream, match="within"):
            get(fetcher, "http://slow.invalid/", DEADLINE)
    finally:
        release.set()


@pytest.mark.slow
def test_one_dead_address_does_not_use_up_the_time(
    server: FaultServer, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as dead:  # bound, and its backlog full: connecting to it hangs
        dead.bind(("127.0.0.1", 0))
        dead.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(dead.getsockname())
        both = [
            (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", p)) for p in (dead.getsockname()[1], server.port)
        ]
        monkeypatch.setattr("dipmp_lib.http.connections._resolve", lambda *_: both)
        assert get(fetcher, f"http://two-addresses.example:{server.port}/", deadline=4.0).body == b"hello"
        for filler in fillers:
            filler.close()


# -- size


@pytest.mark.parametrize(
    "path",
    [
        "/continue-for-ever",
        "/endless-body",
        "/endless-chunks",
        "/endless-chunk-line",
        "/endless-header",
        "/endless-headers",
        "/endless-status",
        "/endless-trailers",
        "/too-long",
        "/says-too-long",
        "/gzip-bomb",
    ],
)
def test_nothing_endless_is_read(server: FaultServer, fetcher: Fetcher, path: str) -> None:
    with pytest.raises(Upstream) as caught:
        get(fetcher, server.url(path))
    assert "within" not in str(caught.value)  # the bytes were counted, not the seconds


def test_the_bytes_on_the_wire_are_bounded_too(server: FaultServer, fetcher: Fetcher) -> None:
    with pytest.raises(Upstream, match="more than the 100 bytes"):
        get(fetcher, server.url("/continue-for-ever"), max_bytes=100)


# -- everything else that is not an answer


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/cut", "broke off"),
        ("/cut-chunk", "broke off"),
        ("/cut-before-last-chunk", "broke off"),
        ("/close", "broke off"),
        ("/reset", "broke off"),
        ("/not-http", "HTTP/1.1"),
        ("/bad-status", "HTTP/1.1"),
        ("/bad-chunk", "broke off"),
        ("/binary", "HTTP/1.1"),
        ("/gzip-bomb", "content coding"),
    ],
)
def test_broken_answers_are_one_clear_error(server: FaultServer, fetcher: Fetcher, path: str, words: str) -> None:
    with pytest.raises(GatewayError, match=words) as caught:
        fetcher.fetch("GET", server.url(path), deadline=HANGS, max_bytes=10**8, error=GatewayError)
    assert str(caught.value).startswith(f"http://127.0.0.1:{server.port}/… ")


@pytest.mark.parametrize("path", ["/cut-headers", "/negative-chunk"])
def test_oddly_broken_answers_yield_no_body(server: FaultServer, fetcher: Fetcher, path: str) -> None:
    with suppress(Upstream):
        assert get(fetcher, server.url(path)).body == b""


def test_unreachable(fetcher: Fetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Upstream, match="refuses the connection"):
        get(fetcher, f"http://127.0.0.1:{port}/")
    with pytest.raises(Upstream, match="does not resolve"):
        get(fetcher, "http://no-such-host.invalid/")


def test_an_early_refusal_of_an_upload_is_heard(fetcher: Fetcher) -> None:
    def refuse(sock: socket.socket) -> None:
        peer, _ = sock.accept()
        peer.recv(100)
        peer.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nnope")
        peer.shutdown(socket.SHUT_RD)
        peer.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=refuse, args=(listener,))
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        answer = fetcher.fetch("POST", url, body=b"x" * 20_000_000, deadline=HANGS, max_bytes=100)
        assert (answer.status, answer.body) == (401, b"nope")
        thread.join()


def test_the_callers_own_errors_pass_through(server: FaultServer, fetcher: Fetcher) -> None:
    def body() -> Iterator[bytes]:
        yield b"x"
        raise FileNotFoundError("the caller's file")

    with pytest.raises(FileNotFoundError, match="the caller's file"):
        fetcher.fetch("POST", server.url("/echo"), body=body(), deadline=HANGS, max_bytes=10)
    with pytest.raises(InvalidInput, match="header"):
        fetcher.fetch("GET", server.url("/"), headers={"X": "a\r\nHost: evil"}, deadline=HANGS, max_bytes=10)


@given(st.binary(max_size=400), st.booleans())
@settings(max_examples=examples(200))
def test_any_bytes_are_an_answer_or_an_upstream_error(data: bytes, status_line: bool) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall((b"HTTP/1.1 200 OK\r\n" if status_line else b"") + data)
        theirs.shutdown(socket.SHUT_WR)
        with pytest.MonkeyPatch.context() as patch, suppress(Upstream):
            plain = PlainSocket(fileno=ours.detach())
            patch.setattr("dipmp_lib.http.connections.dial", lambda *_: plain)
            assert len(get(Fetcher(), "http://any.example/").body) <= 1000


# -- URLs and secrets

SECRETS = [
    "https://user:s3cret@example.org/",
    "https://s3cret@example.org/",
    "https://example.org/v3/s3cret",
    "https://example.org/?key=s3cret",
    "https://example.org:8545/rpc/s3cret?a=b",
]


@pytest.mark.parametrize("url", SECRETS)
def test_no_message_traceback_or_log_shows_a_secret(
    url: str, fetcher: Fetcher, server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    local = url.replace("https://", "http://").replace("example.org:8545", "example.org")
    local = local.replace("example.org", f"127.0.0.1:{server.port}")
    with socket.create_server(("127.0.0.1", 0)) as dead:
        gone = local.replace(str(server.port), str(dead.getsockname()[1]))
    with pytest.raises(Upstream) as caught:
        get(fetcher, gone)
    chain = [caught.value, caught.value.__cause__]
    assert caught.value.__suppress_context__
    assert not any("s3cret" in repr(error) for error in chain)
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize("url", ["", "ftp://example.org/", "http://exa mple.org/", "http://example.org:0/"])
def test_a_url_that_cannot_be_asked_is_the_callers_mistake(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(InvalidInput):
        get(fetcher, url)


def test_the_environment_and_the_clock_are_left_alone(monkeypatch: pytest.MonkeyPatch, server: FaultServer) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    fetcher = Fetcher()
    assert get(fetcher, server.url("/")).body == b"hello"
    fetcher.close()
    assert http.client.HTTPConnection.debuglevel == 0
