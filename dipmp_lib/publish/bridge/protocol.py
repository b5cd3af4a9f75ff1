"""HTTP/1.1 for uvicorn with two features that ASGI lacks: reason phrases and interim responses.

Clients give up when nothing arrives for a while (Hatch after 10 s, Poetry after 15), and a publish may take longer. An
interim `100 Continue` may be sent any number of times before the response, and clients skip it (RFC 9110, 15.2.1).
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
"""The key in `scope["extensions"]` of a function that sends one interim response."""

INTERIM_SECONDS = 3.0
"""Seconds between interim responses."""


class _Connection(h11.Connection):
    """HTTP/1.1 connection that moves the reason phrase from the header `REASON` to the status line."""

    def send_with_data_passthrough(self, event: h11.Event) -> list[bytes] | None:
        """Return the bytes of an event, as h11.Connection does."""
        return super().send_with_data_passthrough(_with_reason(event) if isinstance(event, h11.Response) else event)


def _with_reason(event: h11.Response) -> h11.Response:
    headers = [(name, value) for name, value in event.headers if name != REASON.encode()]
    reasons = [value for name, value in event.headers if name == REASON.encode()]
    reason = reasons[0] if reasons else event.reason
    return h11.Response(status_code=event.status_code, headers=headers, http_version=event.http_version, reason=reason)


class BridgeProtocol(H11Protocol):
    """uvicorn's protocol for h11, with reason phrases and interim responses."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's, passed on
        super().__init__(*args, **kwargs)
        self.conn = _Connection(h11.SERVER)
        inner: ASGIApp = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope.get("http_version") == "1.1":  # HTTP/1.0 has no interim responses
                scope.setdefault("extensions", {})[INTERIM] = self._interim
            await inner(scope, receive, send)

        self.app = app

    def _interim(self) -> None:
        if not self.cycle.disconnected and not self.cycle.response_started:
            sent = self.conn.send(h11.InformationalResponse(status_code=100, headers=[], reason="Continue"))
            self.transport.write(sent)


async def with_interim_responses(scope: Scope, work: Awaitable[Any], seconds: float) -> Any:  # noqa: ANN401 - the work's result
    """Return the result of `work`; meanwhile send an interim response every `seconds`, if the server can."""
    interim: Callable[[], None] = scope.get("extensions", {}).get(INTERIM, lambda: None)

    async def send_interims() -> None:
        while True:
            await asyncio.sleep(seconds)
            interim()

    sending = asyncio.ensure_future(send_interims())
    try:
        return await work
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
