"""The embedded chain as a JSON-RPC endpoint over HTTP, which clients cannot tell from a real node's.

Loopback is within reach of every web page in the user's browser, so a request must name a loopback Host (no DNS
rebinding) and be `application/json` (no cross-site request without a preflight, which nobody answers).
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import anyio.to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ..web.server import background
from .evm import Evm
from .jsonrpc import answer
from .loopback import is_loopback_host, listen_on

MAX_BODY = 5 * 1024 * 1024
"""geth's limit, in bytes."""


@contextmanager
def serve_rpc(evm: Evm, listening: socket.socket | None = None) -> Iterator[str]:
    """Serve a chain while the block runs, on a free port unless a socket is given; yields the URL."""
    with background(create_app(evm), listening or listen_on(0)) as url:
        yield url


def create_app(evm: Evm) -> Starlette:
    """Return the ASGI application: POST / only."""

    async def post(request: Request) -> Response:
        refused = _refusal(request)
        if refused is not None:
            return refused
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_BODY:
                return _refuse(413, f"the body is longer than {MAX_BODY} bytes")
        reply = await anyio.to_thread.run_sync(answer, evm, bytes(body))
        return Response(reply, 200 if reply else 204, media_type="application/json")

    return Starlette(routes=[Route("/", post, methods=["POST"])])


def _refusal(request: Request) -> Response | None:
    if not is_loopback_host(request.headers.get("host", "")):
        return _refuse(403, "the Host header is not a loopback name")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        return _refuse(415, "JSON-RPC is application/json")
    return None


def _refuse(status: int, reason: str) -> Response:
    return PlainTextResponse(reason + "\n", status, {"Connection": "close"})
