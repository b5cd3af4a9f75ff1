"""TLS: always verified, and inside the same budget of time and bytes."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from dipmp_lib.errors import Upstream
from dipmp_lib.http import Fetcher
from tests.support.faulty.fault_server import FaultServer
from tests.support.files.certificates import server_context
from tests.support.waiting import HANGS

pytestmark = pytest.mark.slow

DEADLINE = 0.2
"""Seconds for what is never answered whole; as in the tests of the client, dripping takes longer than that."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def secure(folder: Path) -> Iterator[tuple[FaultServer, Path]]:
    context, certificate = server_context(folder)
    with FaultServer(tls=context) as server:
        yield server, certificate


@pytest.fixture
def trusting(secure: tuple[FaultServer, Path]) -> Iterator[Fetcher]:
    fetcher = Fetcher(tls=ssl.create_default_context(cafile=str(secure[1])))
    yield fetcher
    fetcher.close()


def test_a_trusted_server_answers_and_is_kept(secure: tuple[FaultServer, Path], trusting: Fetcher) -> None:
    before = secure[0].connections
    for _ in range(5):
        assert trusting.fetch("GET", secure[0].url("/"), deadline=HANGS, max_bytes=100).body == b"hello"
    assert secure[0].connections - before <= 2
    sent = trusting.fetch("GET", secure[0].url("/headers"), deadline=HANGS, max_bytes=1000).body
    assert f"host: 127.0.0.1:{secure[0].port}".encode() in sent


def test_an_unknown_certificate_or_another_host_is_refused(secure: tuple[FaultServer, Path], trusting: Fetcher) -> None:
    for fetcher, host in ((Fetcher(), "127.0.0.1"), (trusting, "localhost")):
        with pytest.raises(Upstream, match="certificate that does not verify"):
            fetcher.fetch("GET", secure[0].url("/", host), deadline=HANGS, max_bytes=100)
    assert not any(path.endswith("localhost") for path in secure[0].served)


@pytest.mark.parametrize("path", ["/hang", "/drip-headers", "/drip-body", "/drip-chunks"])
def test_the_deadline_is_total(secure: tuple[FaultServer, Path], trusting: Fetcher, path: str) -> None:
    with pytest.raises(Upstream, match="within"):
        trusting.fetch("GET", secure[0].url(path), deadline=DEADLINE, max_bytes=10_000)


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/endless-body", "/endless-header", "/continue-for-ever", "/gzip-bomb"])
def test_nothing_endless_is_read(secure: tuple[FaultServer, Path], trusting: Fetcher, path: str) -> None:
    with pytest.raises(Upstream):
        trusting.fetch("GET", secure[0].url(path), deadline=HANGS, max_bytes=1000)


@pytest.mark.parametrize("drip", [b"", b"\x16\x03\x03\x40\x00" + bytes(16_000)], ids=["silent", "dripped"])
def test_the_handshake_is_inside_the_deadline(drip: bytes) -> None:
    gone = threading.Event()

    def serve(listener: socket.socket) -> None:
        with suppress(OSError), listener.accept()[0] as sock:  # the client goes, or was too late even to come
            for at in range(len(drip)):
                sock.sendall(drip[at : at + 1])
                gone.wait(0.02)
            gone.wait(HANGS)

    fetcher = Fetcher(tls=ssl.create_default_context())  # made before the deadline begins
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        with pytest.raises(Upstream, match="within"):
            fetcher.fetch("GET", f"https://127.0.0.1:{listener.getsockname()[1]}/", deadline=DEADLINE, max_bytes=10)
        gone.set()
        listener.shutdown(socket.SHUT_RDWR)  # wakes the thread, if it still waits
        thread.join()


def test_plain_http_is_not_taken_for_tls() -> None:
    def serve(listener: socket.socket) -> None:
        sock, _ = listener.accept()
        with sock:
            sock.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            sock.recv(1000)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        with pytest.raises(Upstream, match="TLS handshake"):
            Fetcher().fetch("GET", f"https://127.0.0.1:{listener.getsockname()[1]}/", deadline=HANGS, max_bytes=10)


def test_a_body_without_length_that_is_cut_is_not_taken_for_whole(secure: tuple[FaultServer, Path]) -> None:
    """Only close_notify ends such a body; a connection cut by somebody in between does not."""
    server, certificate = secure
    fetcher = Fetcher(tls=ssl.create_default_context(cafile=str(certificate)))
    with pytest.raises(Upstream, match="broke off"):
        fetcher.fetch("GET", server.url("/until-close"), deadline=HANGS, max_bytes=100)
