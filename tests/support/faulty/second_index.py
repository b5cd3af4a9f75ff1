"""A second index with a package of the same name (dependency confusion), which records every request.

It is also the proxy of clients under test for everything but loopback, and so stands for PyPI too.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.support.waiting import HANGS

PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@dataclass
class Twin:
    """The second index: its origin, and the request line of every request."""

    origin: str
    requests: list[str] = field(default_factory=list)

    @property
    def index_url(self) -> str:
        """The index's URL, as pip takes it."""
        return f"{self.origin}/simple/"

    @property
    def proxy_env(self) -> dict[str, str]:
        """Proxy variables that lead every request here, except those to loopback."""
        proxies = dict.fromkeys(PROXY_VARIABLES, self.origin)
        named = proxies | {"NO_PROXY": "127.0.0.1,localhost"}
        return named | {name.lower(): value for name, value in named.items()}


@contextmanager
def evil_twin(wheel: Path) -> Iterator[Twin]:
    """Serve an index of one wheel, and refuse to be a proxy."""
    project = wheel.name.partition("-")[0].replace("_", "-")
    body = wheel.read_bytes()
    link = f'<a href="{wheel.name}#sha256={hashlib.sha256(body).hexdigest()}">{wheel.name}</a>'
    answers = {
        f"/simple/{project}/": ("text/html", f"<!DOCTYPE html><title>x</title>{link}".encode()),
        f"/simple/{project}/{wheel.name}": ("application/octet-stream", body),
    }

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            twin.requests.append(f"{self.command} {self.path}")
            kind, found = answers.get(self.path, ("text/plain", b""))
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(found)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(found)

        do_GET = do_HEAD = do_CONNECT = do_POST = answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        twin = Twin(f"http://127.0.0.1:{server.server_address[1]}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield twin
        finally:
            server.shutdown()
            thread.join(HANGS)
