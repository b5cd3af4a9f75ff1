"""One line of the log for every request, and the id that ties everything to it."""

import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..telemetry import Event
from .observe import JsonLines, request_id
from .routing import ROUTE

_TRACE = re.compile(r"[A-Za-z0-9=;:._-]{1,128}")
_FACTS = {b"x-dipmp-stale": ("stale", Event.STALE_SERVED), b"x-dipmp-denied": ("denied", Event.DENIED)}
"""Headers that say what was special about an answer, the fact and the metric that they become."""


class RequestId:
    """Gives each request an id: API Gateway's where there is one, else a new one.

    Errors carry it as X-Request-Id, for the report to the operator; what caches keep is the same for every request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        identity = _aws_id(scope) or uuid.uuid4().hex

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                message["headers"] = [*message["headers"], (b"x-request-id", identity.encode())]
            await send(message)

        token = request_id.set(identity)
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            request_id.reset(token)


def _aws_id(scope: Scope) -> str:
    context = scope.get("aws.event", {}).get("requestContext", {})
    given = str(context.get("requestId", ""))
    return given if _TRACE.fullmatch(given) else ""


class RequestLog:
    """Writes method, path, route, registry, project, status, milliseconds and bytes; no query, no client's header."""

    def __init__(self, app: ASGIApp, lines: JsonLines, clock: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._lines = lines
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, then write the line; for one that fails, too."""
        began, seen = self._clock(), _Seen(send)
        try:
            await self._app(scope, receive, seen)
        finally:
            facts = {"method": scope["method"], "path": scope["path"], **_route(scope), **seen.facts}
            metrics = {
                "Requests": 1,
                "Latency": round((self._clock() - began) * 1000, 3),
                "Bytes": seen.size,
                **seen.metrics,
            }
            if seen.status >= 500:
                metrics["ServerErrors"] = 1
            level = "ERROR" if seen.status >= 500 else "INFO"
            message = f"{scope['method']} {scope['path']} {seen.status}"
            self._lines.write(level, message, metrics, {**facts, "status": seen.status})


class _Seen:
    """Passes an answer on and remembers what the line needs. An application that raises has answered 500."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 500
        self.size = 0
        self.facts: dict[str, Any] = {}
        self.metrics: dict[str, float] = {}

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            for name, value in message["headers"]:
                if name in _FACTS:
                    word, event = _FACTS[name]
                    self.facts[word] = value.decode("latin-1")
                    self.metrics[event.value] = 1
        else:
            self.size += len(message.get("body", b""))
        await self._send(message)


def _route(scope: Scope) -> dict[str, Any]:
    """Return which route was taken, "" for none, and the names in its path, as the router left them."""
    names = {key: value for key, value in scope.get("path_params", {}).items() if isinstance(value, str)}
    return {"route": scope.get(ROUTE, ""), **names}
