"""Requests to an ASGI application in this process, without a socket."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anyio
from starlette.types import ASGIApp, Message

_NONE: Mapping[str, str] = {}


@dataclass(frozen=True)
class Answer:
    """A response; header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def request(
    app: ASGIApp,
    path: str,
    headers: Mapping[str, str] = _NONE,
    *,
    method: str = "GET",
    pieces: Sequence[bytes] = (b"",),
) -> Answer:
    """Send one request, its body in `pieces`; `path` is decoded and may carry a query.

    Raises what the application raises.
    """
    return anyio.run(arequest, app, path, headers, method, pieces)


async def arequest(
    app: ASGIApp,
    path: str,
    headers: Mapping[str, str] = _NONE,
    method: str = "GET",
    pieces: Sequence[bytes] = (b"",),
) -> Answer:
    """Send one request from a running event loop."""
    path, _, query = path.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
        "server": ("index.example", 80),
        "client": ("192.0.2.1", 1234),
    }
    sent: list[Message] = []

    last = len(pieces) - 1
    received = iter(
        [{"type": "http.request", "body": body, "more_body": number < last} for number, body in enumerate(pieces)]
    )

    async def receive() -> Message:
        for message in received:
            return message
        await anyio.sleep_forever()  # the client stays connected
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *rest = sent
    names = {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(start["status"], names, b"".join(message.get("body", b"") for message in rest))
