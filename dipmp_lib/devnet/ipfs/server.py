"""Server of the embedded block store: the Kubo RPC to write to and an IPFS gateway to read from.

One HTTP/1.1 server on loopback, with a thread for each connection. Bodies are streamed both ways.
"""

import re
import socket
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import BinaryIO, Self, cast
from urllib.parse import parse_qs, unquote, urlsplit

from ...errors import DipmpError
from ...http.listen import is_loopback_host
from . import gateway, kubo_rpc
from .answers import RequestBody, Response, plain
from .blocks import BlockStore

__all__ = ["BlockServer", "BlockStore", "serve_blocks"]

_IDLE_SECONDS = 60


class BlockServer:
    """A server that runs until `close`; also a context manager."""

    def __init__(self, store: BlockStore, host: str, port: int) -> None:
        self.store = store
        self._server = _Server((host, port), store)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="blocks", daemon=True)
        self._thread.start()
        name, bound = str(self._server.server_address[0]), self._server.server_address[1]
        self._origin = f"http://{f'[{name}]' if ':' in name else name}:{bound}"

    @property
    def gateway_url(self) -> str:
        """Origin whose `/ipfs/{cid}` is the gateway."""
        return self._origin

    @property
    def rpc_url(self) -> str:
        """Origin whose `/api/v0/` is the RPC."""
        return self._origin

    def close(self) -> None:
        """Stop accepting, cut open connections and wait for their threads; a second call does nothing."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve_blocks(store: BlockStore, host: str = "127.0.0.1", port: int = 0) -> BlockServer:
    """Serve a store in threads of its own; port 0 takes a free one. Raises OSError where the port is taken."""
    return BlockServer(store, host, port)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], store: BlockStore) -> None:
        self.store = store
        self._open: set[socket.socket] = set()
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)

    def get_request(self) -> tuple[socket.socket, object]:
        connection, client = super().get_request()
        self._open.add(connection)
        return connection, client

    def close_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        super().close_request(request)
        self._open.discard(cast("socket.socket", request))

    def handle_error(self, request: object, client_address: object) -> None:
        # Clients that hang up are ignored; any other error is a defect here, and shown.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(cast("socket.socket", request), client_address)

    def server_close(self) -> None:
        # A thread that waits on an idle connection ends with its socket; the base class then joins all threads.
        for connection in tuple(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True  # headers and body are two writes; the second would wait for the first's ACK
    server: _Server

    def do_GET(self) -> None:
        self._answer_get(with_body=True)

    def do_HEAD(self) -> None:
        self._answer_get(with_body=False)

    def do_POST(self) -> None:
        path, query = self._target()
        # The rest of the request's body must not be read as the next request.
        self.close_connection = True
        if not path.startswith(kubo_rpc.PREFIX):
            self._send(plain(HTTPStatus.NOT_FOUND, "POST goes to /api/v0/ only"), with_body=True)
            return
        headers = self._headers()
        if not is_loopback_host(headers.get("host", "")):
            self._send(plain(HTTPStatus.FORBIDDEN, "the Host header is not a loopback name"), with_body=True)
            return
        length = headers.get("content-length", "")
        body = RequestBody(self.rfile, int(length) if re.fullmatch("[0-9]{1,15}", length) else 0)
        call = path.removeprefix(kubo_rpc.PREFIX)
        answer = kubo_rpc.answer(self.server.store, call, query, headers, cast("BinaryIO", body))
        # A client that is still sending would see a reset connection instead of the refusal.
        body.drain()
        self._send(answer, with_body=True)

    def _answer_get(self, *, with_body: bool) -> None:
        path, query = self._target()
        if path.startswith(gateway.PREFIX):
            answer = gateway.answer(self.server.store, path.removeprefix(gateway.PREFIX), query, self._headers())
        elif path.startswith(kubo_rpc.PREFIX):
            answer = plain(HTTPStatus.METHOD_NOT_ALLOWED, "the RPC takes POST only")
        else:
            answer = plain(HTTPStatus.NOT_FOUND, "a file is at /ipfs/ and its CID")
        self._send(answer, with_body=with_body)

    def _headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def _target(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        return unquote(parts.path), {name: values[0] for name, values in query.items()}

    def _send(self, answer: Response, *, with_body: bool) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.length is None:
            self.send_header("Transfer-Encoding", "chunked")
        elif answer.status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(answer.length))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if with_body:
            self._send_body(answer.body, chunked=answer.length is None)

    def _send_body(self, body: Iterable[bytes], *, chunked: bool) -> None:
        try:
            for piece in body:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        except DipmpError:
            # The status is sent already, so only a body shorter than its length can still tell the client.
            self.close_connection = True
            return
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def version_string(self) -> str:
        return "dipmp"

    def log_message(self, *_: object) -> None:
        """Log nothing, as stderr belongs to the program."""
