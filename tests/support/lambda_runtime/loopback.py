"""HTTP/1.1 servers on loopback: the API's front, and the base of the Runtime API and the extension."""

import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from tests.support.waiting import HANGS

from .events import Reply, message

Answer = Callable[[str, str, Sequence[tuple[str, str]], bytes], Reply]
MAX_BODY = 10 * 1024 * 1024
"""Bytes of the largest request body that an HTTP API accepts."""


class LoopbackServer(ThreadingHTTPServer):
    """A thread for each connection, on a port of the loopback."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, handler: type[BaseHTTPRequestHandler], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def address(self) -> str:
        """The address as host:port."""
        return f"127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        """Serve in the background."""
        self._thread.start()

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore peers that went away, such as a killed function; report everything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def stop(self) -> None:
        """Stop listening."""
        self.shutdown()
        self.server_close()
        self._thread.join(HANGS)


class HttpFront:
    """Serves while it is entered; `answer` gets method, target, headers and body, from several threads."""

    def __init__(self, answer: Answer, port: int = 0) -> None:
        self._server = LoopbackServer(_handler(answer), port)

    @property
    def url(self) -> str:
        """The origin that clients use."""
        return f"http://{self._server.address}"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()


class LoopbackHandler(BaseHTTPRequestHandler):
    """Reads bodies, sends whole responses, and logs nothing, since targets may hold secrets."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def body(self) -> bytes:
        """Return the request's body."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def reply(self, status: int, body: bytes, headers: Iterable[tuple[str, str]]) -> None:
        """Send a response."""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def reply_json(self, status: int, body: bytes, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Send JSON with its length."""
        self.reply(status, body, [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Do nothing."""


def _handler(answer: Answer) -> type[BaseHTTPRequestHandler]:
    class Handler(LoopbackHandler):
        def handle_one(self) -> None:
            if int(self.headers.get("Content-Length") or 0) > MAX_BODY:
                self.close_connection = True
                reply = message(413, "Request Entity Too Large")
            else:
                reply = answer(self.command, self.path, list(self.headers.items()), self.body())
            self.reply(reply.status, reply.body, reply.headers)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = handle_one  # noqa: N815

    return Handler
