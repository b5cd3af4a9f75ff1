"""JSON-RPC server of the embedded chain, over HTTP on loopback.

Loopback is within reach of every web page in the user's browser, so a request must name a loopback Host (no DNS
rebinding) and be `application/json` (no cross-site request without a preflight, which is not answered).
"""

import inspect
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio.to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ...errors import MalformedAnswer, RpcError
from ...http.listen import is_loopback_host, listen_on
from ...http.strict_json import parse
from ...server.uvicorn import background
from .evm import Evm
from .methods import METHODS

MAX_BATCH = 1000
_SIGNATURES = {name: inspect.signature(method) for name, method in METHODS.items()}
_log = logging.getLogger(__name__)

Answer = dict[str, Any]


def answer(evm: Evm, body: bytes) -> bytes:
    """Answer one request or a batch. Returns b"" when there were only notifications."""
    try:
        request = parse(body)
    except MalformedAnswer:
        return _dump(_failure(None, -32700, "parse error"))
    if not isinstance(request, list):
        return _dump(_answer_one(evm, request))
    if not 1 <= len(request) <= MAX_BATCH:
        return _dump(_failure(None, -32600, f"a batch has 1 to {MAX_BATCH} requests"))
    answers = [reply for item in request if (reply := _answer_one(evm, item)) is not None]
    return _dump(answers or None)


def _dump(value: object) -> bytes:
    return b"" if value is None else json.dumps(value, separators=(",", ":")).encode()


def _failure(request_id: object, code: int, message: str, data: str = "") -> Answer:
    error: Answer = {"code": code, "message": message}
    if data:
        error["data"] = data
    return {"jsonrpc": "2.0", "id": request_id, "error": error}


def _answer_one(evm: Evm, request: object) -> Answer | None:
    if not isinstance(request, dict) or not isinstance(request.get("method"), str):
        return _failure(None, -32600, "invalid request")
    request_id = request.get("id")
    if isinstance(request_id, (dict, list, bool)):
        return _failure(None, -32600, "invalid request: the id is neither a string nor a number")
    try:
        reply = {"jsonrpc": "2.0", "id": request_id, "result": _run(evm, request["method"], request.get("params", []))}
    except RpcError as error:
        reply = _failure(request_id, error.code or -32000, str(error), error.data)
    except Exception:  # noqa: BLE001 (a defect here must not look like a dead node)
        _log.exception("%.60r failed", request["method"])
        reply = _failure(request_id, -32603, "internal error")
    return reply if "id" in request else None


def _run(evm: Evm, name: str, params: object) -> object:
    if name not in METHODS:
        raise RpcError(f"the method {name[:60]!r} does not exist/is not available", code=-32601)
    if not isinstance(params, list):
        raise RpcError("invalid params: not an array", code=-32602)
    try:
        bound = _SIGNATURES[name].bind(evm, *params)
    except TypeError as error:
        raise RpcError(f"invalid params: {error}", code=-32602) from error
    return METHODS[name](*bound.args)


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
