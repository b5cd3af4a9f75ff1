"""HTTP/1.1 with two things that ASGI has no words for: a reason phrase, and signs of life before an answer.

Clients give up when nothing arrives for a while (Hatch after 10 s, Poetry after 15), and a chain may take longer. An
interim `100 Continue` may be sent any number of times before the answer, and clients skip it (RFC 9110 section 15.2.1).
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import h11
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from .answers import REASON

INTERIM = "dipmp.interim"
"""The key of `scope["extensions"]` under which a request finds its way to send an interim response."""

PULSE = 3.0
"""Seconds between signs of life."""


class _Connection(h11.Connection):
    """Takes the reason phrase from the header that the application put it in."""

    def send_with_data_passthrough(self, event: h11.Event) -> list[bytes] | None:
        """Send, as `send` does."""
        return super().send_with_data_passthrough(_with_reason(event) if isinstance(event, h11.Response) else event)


def _with_reason(event: h11.Response) -> h11.Response:
    headers = [(name, value) for name, value in event.headers if name != REASON.encode()]
    reasons = [value for name, value in event.headers if name == REASON.encode()]
    reason = reasons[0] if reasons else event.reason
    return h11.Response(status_code=event.status_code, headers=headers, http_version=event.http_version, reason=reason)


class BridgeProtocol(H11Protocol):
    """uvicorn's protocol, with both."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's, passed on
        super().__init__(*args, **kwargs)
        self.conn = _Connection(h11.SERVER)
        inner: ASGIApp = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope.get("http_version") == "1.1":  # older clients know no interim responses
                scope.setdefault("extensions", {})[INTERIM] = self._interim
            await inner(scope, receive, send)

        self.app = app

    def _interim(self) -> None:
        if not self.cycle.disconnected and not self.cycle.response_started:
            sent = self.conn.send(h11.InformationalResponse(status_code=100, headers=[], reason="Continue"))
            self.transport.write(sent)


async def alive(scope: Scope, work: Awaitable[Any], pulse: float) -> Any:  # noqa: ANN401 - the work's result
    """Wait for `work`, with a sign of life to the client every `pulse` seconds where the server can send one."""
    interim: Callable[[], None] = scope.get("extensions", {}).get(INTERIM, lambda: None)

    async def beat() -> None:
        while True:
            await asyncio.sleep(pulse)
            interim()

    beating = asyncio.ensure_future(beat())
    try:
        return await work
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating
