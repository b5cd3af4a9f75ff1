"""Faults for tests/support/faulty/fault_proxy.py, under Toxiproxy's names where it has one.

A toxic takes a request and the stream of its response (the head first, in one piece, then the body in pieces) and
returns the stream that the client gets. Without reading the stream it never asks the upstream. Sizes are bytes of the
body, times are seconds.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Request:
    """A request; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:  # noqa: ANN401
        """Return the body's JSON value."""
        return json.loads(self.body)


Stream: TypeAlias = AsyncIterator[bytes]
Toxic: TypeAlias = Callable[[Request, Stream], Stream]
_NONE: Mapping[str, str] = {}
_LENGTH = re.compile(rb"(?i)\r\ncontent-length:[^\r]*")


class CloseError(Exception):
    """The connection is closed in order."""


def head(status: int, length: int, headers: Mapping[str, str] = _NONE) -> bytes:
    """Return the head of a response that ends with its connection."""
    fields = {"Content-Length": str(length), "Connection": "close", **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Status\r\n{lines}\r\n".encode()


def latency(seconds: float) -> Toxic:
    """Wait before the response."""

    async def toxic(_request: Request, stream: Stream) -> Stream:
        await asyncio.sleep(seconds)
        async for piece in stream:
            yield piece

    return toxic


def bandwidth(rate: float) -> Toxic:
    """Limit the rate to so many bytes a second, head included."""

    async def toxic(_request: Request, stream: Stream) -> Stream:
        size = max(1, int(rate / 20))
        async for piece in stream:
            for part in _cut(piece, size):
                yield part
                await asyncio.sleep(len(part) / rate)

    return toxic


def slicer(size: int, pause: float = 0.0) -> Toxic:
    """Send in small pieces."""

    async def toxic(_request: Request, stream: Stream) -> Stream:
        async for piece in stream:
            for part in _cut(piece, size):
                yield part
                await asyncio.sleep(pause)

    return toxic


def hang(after: int | None = None) -> Toxic:
    """Send nothing, or the head and `after` bytes of the body, and keep the connection open (Toxiproxy: timeout)."""
    return _until(after, _silence)


def reset(after: int | None = None) -> Toxic:
    """Send RST at once, or after the head and so many bytes of the body (Toxiproxy: reset_peer)."""
    return _until(after, _reset)


def truncate(after: int) -> Toxic:
    """Close in order after so many bytes of the body (Toxiproxy: limit_data)."""
    return _until(after, _close)


def override(status: int, body: bytes = b"", headers: Mapping[str, str] = _NONE) -> Toxic:
    """Answer this instead of the upstream; `headers` may lie about the length."""

    async def toxic(_request: Request, _stream: Stream) -> Stream:
        yield head(status, len(body), headers)
        yield body

    return toxic


def reply(make: Callable[[Request], bytes], headers: Mapping[str, str] = _NONE) -> Toxic:
    """Answer 200 with the body that `make` returns."""
    return lambda request, stream: override(200, make(request), headers)(request, stream)


def raw(*pieces: bytes) -> Toxic:
    """Send these bytes, HTTP or not, and close."""

    async def toxic(_request: Request, _stream: Stream) -> Stream:
        for piece in pieces:
            yield piece

    return toxic


def endless(start: bytes, piece: bytes) -> Toxic:
    """Send `start` and then `piece` for ever."""

    async def toxic(_request: Request, _stream: Stream) -> Stream:
        yield start
        while True:
            yield piece
            await asyncio.sleep(0)

    return toxic


def rewrite(change: Callable[[bytes], bytes]) -> Toxic:
    """Change the whole body, and its length in the head."""

    async def toxic(_request: Request, stream: Stream) -> Stream:
        first = await anext(stream)
        body = change(b"".join([piece async for piece in stream]))
        yield _LENGTH.sub(b"", first[:-4]) + b"\r\nContent-Length: %d\r\n\r\n" % len(body)
        yield body

    return toxic


def only(when: Callable[[Request], bool], toxic: Toxic) -> Toxic:
    """Apply the toxic to some requests."""
    return lambda request, stream: toxic(request, stream) if when(request) else stream


def first(count: int, toxic: Toxic) -> Toxic:
    """Apply the toxic to the first `count` requests that it sees."""
    left = iter(range(count))
    return only(lambda _request: next(left, None) is not None, toxic)


def _until(after: int | None, end: Callable[[], AsyncIterator[bytes]]) -> Toxic:
    async def toxic(_request: Request, stream: Stream) -> Stream:
        if after is not None:
            yield await anext(stream)
            left = after
            async for piece in stream:
                yield piece[:left]
                left -= len(piece)
                if left <= 0:
                    break
        async for piece in end():
            yield piece

    return toxic


async def _silence() -> AsyncIterator[bytes]:
    await asyncio.Event().wait()
    yield b""


async def _reset() -> AsyncIterator[bytes]:
    raise ConnectionResetError
    yield b""


async def _close() -> AsyncIterator[bytes]:
    raise CloseError
    yield b""


def _cut(piece: bytes, size: int) -> Iterator[bytes]:
    return (piece[at : at + size] for at in range(0, len(piece), size))
