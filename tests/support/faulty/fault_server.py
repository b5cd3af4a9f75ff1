"""A loopback server that misbehaves: each path is one fault.

with FaultServer() as server:
    Fetcher().fetch("GET", server.url("/drip-body"), deadline=0.5, max_bytes=1000)
"""

import gzip
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.support.waiting import HANGS

OK = b"HTTP/1.1 200 OK\r\n"
Handler = Callable[["Peer"], None]


class Peer:
    """One accepted connection and the request read from it."""

    def __init__(self, server: "FaultServer", sock: socket.socket) -> None:
        self.server = server
        self.sock = sock
        self.method = self.path = ""
        self.headers: dict[str, str] = {}
        self.body = b""
        self._buffer = b""

    def read_request(self) -> bool:
        """Read one request; False when the client has gone."""
        while b"\r\n\r\n" not in self._buffer:
            if not self._more():
                return False
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        first, *rest = head.decode().split("\r\n")
        self.method, self.path, _ = first.split(" ")
        self.headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in rest)}
        length = int(self.headers.get("content-length", "0"))
        while len(self._buffer) < length and self._more():
            pass
        self.body, self._buffer = self._buffer[:length], self._buffer[length:]
        return True

    def _more(self) -> bool:
        data = self.sock.recv(65536)
        self._buffer += data
        return bool(data)

    def send(self, *parts: bytes) -> None:
        """Send bytes."""
        self.sock.sendall(b"".join(parts))

    def answer(self, body: bytes, *headers: bytes, status: bytes = b"200 OK") -> None:
        """Send a correct response."""
        lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers]
        self.send(b"\r\n".join(lines), b"\r\n\r\n", b"" if self.method == "HEAD" else body)

    def drip(self, data: bytes, pause: float = 0.03) -> None:
        """Send one byte at a time, until the peer closes."""
        for at in range(len(data)):
            self.send(data[at : at + 1])
            time.sleep(pause)

    def reset(self) -> None:
        """Close with RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def wait(self) -> None:
        """Hold the connection open until the test is over."""
        self.server.stopped.wait(HANGS)


class FaultServer:
    """Runs on a free port of loopback until the with block ends. `served` lists the requests."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, routes: dict[str, Handler] | None = None) -> None:
        self._routes = {**FAULTS, **(routes or {})}
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._peers: list[socket.socket] = []
        self.stopped = threading.Event()
        self.connections = 0
        self.served: list[str] = []
        self.bodies: list[bytes] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopped.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._socket.close()
        for peer in self._peers:
            with suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
            peer.close()

    @property
    def port(self) -> int:
        """The port."""
        return int(self._socket.getsockname()[1])

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """Return the URL of a fault."""
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._socket.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._peers.append(sock)
                self.connections += 1
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with suppress(OSError, ValueError):
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True)
                self._peers.append(sock)
            peer = Peer(self, sock)
            while peer.read_request():
                self.served.append(f"{peer.method} {peer.path}")
                self.bodies.append(peer.body)
                self._routes[peer.path.split("?")[0]](peer)
                if sock.fileno() < 0:
                    return
        sock.close()


def _answer_and_reset(peer: Peer) -> None:
    peer.answer(b"last")
    peer.reset()


def _close_after(*parts: bytes) -> Handler:
    def handle(peer: Peer) -> None:
        peer.send(*parts)
        peer.sock.close()

    return handle


def _endless(start: bytes, piece: bytes) -> Handler:
    def handle(peer: Peer) -> None:
        peer.send(start)
        while True:
            peer.send(piece)

    return handle


def _then(start: bytes, more: Handler) -> Handler:
    def handle(peer: Peer) -> None:
        peer.send(start)
        more(peer)

    return handle


def _drip(data: bytes) -> Handler:
    return lambda peer: peer.drip(data)


BOMB = gzip.compress(bytes(20_000_000))
BIG = b"x" * 65_536
FAULTS: dict[str, Handler] = {
    "/": lambda peer: peer.answer(b"hello"),
    "/echo": lambda peer: peer.answer(peer.body, b"X-Twice: a", b"X-Twice: b"),
    "/headers": lambda peer: peer.answer("\n".join(f"{k}: {v}" for k, v in peer.headers.items()).encode()),
    "/moved": lambda peer: peer.answer(b"", b"Location: /", status=b"302 Found"),
    "/no-content": lambda peer: peer.send(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "/chunked": lambda peer: peer.send(
        OK, b"Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nT: t\r\n\r\n"
    ),
    "/until-close": _close_after(OK, b"\r\nhello"),
    "/not-allowed": lambda peer: peer.answer(b"no", b"Connection: close", status=b"413 Too Large"),
    "/hang": Peer.wait,
    "/hang-in-body": _then(OK + b"Content-Length: 10\r\n\r\nhel", Peer.wait),
    "/drip-status": _drip(OK + b"X: " + b"x" * 1000),
    "/drip-headers": _then(OK, _drip(b"A: b\r\n" * 1000)),
    "/drip-body": _then(OK + b"Content-Length: 1000\r\n\r\n", _drip(b"x" * 1000)),
    "/drip-chunks": _then(OK + b"Transfer-Encoding: chunked\r\n\r\n", _drip(b"1\r\nx\r\n" * 1000)),
    "/continue-for-ever": _endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "/endless-body": _endless(OK + b"\r\n", BIG),
    "/endless-chunks": _endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + BIG + b"\r\n"),
    "/endless-chunk-line": _endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", BIG),
    "/endless-header": _endless(OK + b"X: ", BIG),
    "/endless-headers": _endless(OK, b"X: y\r\n"),
    "/endless-status": _endless(b"HTTP/1.1 200 ", BIG),
    "/endless-trailers": _endless(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
    "/too-long": lambda peer: peer.answer(b"x" * 2000),
    "/says-too-long": _then(OK + b"Content-Length: 99999999999\r\n\r\n", Peer.wait),
    "/cut": _close_after(OK, b"Content-Length: 10\r\n\r\nhel"),
    "/cut-chunk": _close_after(OK, b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel"),
    "/cut-before-last-chunk": _close_after(OK, b"Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n"),
    "/cut-headers": _close_after(OK, b"Content-Le"),
    "/close": lambda peer: peer.sock.close(),
    "/reset": Peer.reset,
    "/answer-and-reset": _answer_and_reset,
    "/gzip-bomb": lambda peer: peer.answer(BOMB, b"Content-Encoding: gzip"),
    "/identity": lambda peer: peer.answer(b"hello", b"Content-Encoding: Identity"),
    "/not-http": _close_after(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "/bad-status": _close_after(b"HTTP/1.1 OK fine\r\n\r\n"),
    "/bad-chunk": _close_after(OK, b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello"),
    "/negative-chunk": _close_after(OK, b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello"),
    "/binary": _close_after(bytes(range(256)) * 10),
}
