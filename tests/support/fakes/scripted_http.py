"""An HTTP server on loopback whose responses a test computes."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.waiting import HANGS


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """A response. `wait` is an event to wait for before it is sent."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: threading.Event | None = None


@dataclass(slots=True)
class ScriptedServer:
    """A running server: `answer` may be replaced, `requests` are those that arrived."""

    url: str
    answer: Callable[[Request], Reply]
    requests: list[Request] = field(default_factory=list)


@contextmanager
def scripted_server(answer: Callable[[Request], Reply]) -> Iterator[ScriptedServer]:
    """Run a server on a free port."""
    script = ScriptedServer("", answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            request = Request(self.command, self.path, headers, body)
            script.requests.append(request)
            self._send(script.answer(request))

        do_HEAD = do_POST = do_GET  # noqa: N815  http.server finds them by these names

        def _send(self, reply: Reply) -> None:
            if reply.wait is not None:
                reply.wait.wait(HANGS)
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = False

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that gave up is what some tests are about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        script.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()
