"""Middleware that gives every request an id and writes a line of the log for it."""

import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..telemetry import Event
from .metrics import JsonLines, request_id
from .routing import ROUTE

_TRACE = re.compile(r"[A-Za-z0-9=;:._-]{1,128}")
_FACTS = {b"x-dipmp-stale": ("stale", Event.STALE_SERVED), b"x-dipmp-denied": ("denied", Event.DENIED)}
"""Response headers that become a fact and a metric of the line."""


class RequestId:
    """Middleware that gives each request an id: API Gateway's where there is one, else a new one.

    Error responses carry it as X-Request-Id, so that a report to the operator can name it; responses that may be cached
    do not, so that they are the same for every request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its id."""
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
    """Middleware that logs method, path, route and its names, status, milliseconds and bytes; no query, no headers."""

    def __init__(self, app: ASGIApp, lines: JsonLines, clock: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._lines = lines
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, then write its line, also when the application raises."""
        began, sent = self._clock(), _SendRecorder(send)
        try:
            await self._app(scope, receive, sent)
        finally:
            facts = {"method": scope["method"], "path": scope["path"], **_route(scope), **sent.facts}
            metrics = {
                "Requests": 1,
                "Latency": round((self._clock() - began) * 1000, 3),
                "Bytes": sent.size,
                **sent.metrics,
            }
            if sent.status >= 500:
                metrics["ServerErrors"] = 1
            level = "ERROR" if sent.status >= 500 else "INFO"
            message = f"{scope['method']} {scope['path']} {sent.status}"
            self._lines.write(level, message, metrics, {**facts, "status": sent.status})


class _SendRecorder:
    """Sends a response and notes what the line needs; the status is 500 where the application raises instead."""

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
    """Return the route, "" for none, and the names in its path, as the router left them in the scope."""
    names = {key: value for key, value in scope.get("path_params", {}).items() if isinstance(value, str)}
    return {"route": scope.get(ROUTE, ""), **names}
