"""JSON-RPC 2.0 over bytes: parse, dispatch, answer. Total: any bytes in give an answer, never an exception.

Source: JSON-RPC 2.0 specification; error codes of EIP-1474.
"""

import inspect
import json
import logging
from typing import Any

from ..errors import RpcError
from ..nesting import require_depth
from .evm import Evm
from .methods import METHODS

MAX_BATCH = 1000
MAX_DEPTH = 32
_SIGNATURES = {name: inspect.signature(method) for name, method in METHODS.items()}
_log = logging.getLogger(__name__)

Answer = dict[str, Any]


def answer(evm: Evm, body: bytes) -> bytes:
    """Answer one request or a batch. Returns b"" when there were only notifications."""
    try:
        request = _parse(body)
    except ValueError:
        return _dump(_failure(None, -32700, "parse error"))
    if not isinstance(request, list):
        return _dump(_answer_one(evm, request))
    if not 1 <= len(request) <= MAX_BATCH:
        return _dump(_failure(None, -32600, f"a batch has 1 to {MAX_BATCH} requests"))
    answers = [reply for item in request if (reply := _answer_one(evm, item)) is not None]
    return _dump(answers or None)


def _parse(body: bytes) -> object:
    """Parse JSON nested at most MAX_DEPTH deep. Raises ValueError."""
    require_depth(body, MAX_DEPTH)
    return json.loads(body)


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
