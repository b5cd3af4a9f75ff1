"""Responses and request bodies of the embedded gateway and RPC, as values."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BufferedIOBase


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response. `length` is the body's in bytes, None for one that is sent in chunks."""

    status: HTTPStatus
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Iterable[bytes] = ()
    length: int | None = 0


def plain(status: HTTPStatus, text: str) -> Response:
    """Return a response of one line of text."""
    body = f"{text}\n".encode()
    return Response(status, {"Content-Type": "text/plain; charset=utf-8"}, (body,), len(body))


def lines(status: HTTPStatus, *values: object) -> Response:
    """Return a response of JSON values, one a line, as the Kubo RPC has them."""
    body = "".join(json.dumps(value, separators=(",", ":")) + "\n" for value in values).encode()
    return Response(status, {"Content-Type": "application/json"}, (body,), len(body))


_PIECE = 64 * 1024


class RequestBody:
    """The body of one request, bounded by its Content-Length."""

    def __init__(self, stream: BufferedIOBase, length: int) -> None:
        self._stream, self._left = stream, length

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, b"" at the end of the request."""
        return self._count(self._stream.read(min(size, self._left)))

    def readline(self, size: int) -> bytes:
        """Return up to `size` bytes of the next line."""
        return self._count(self._stream.readline(min(size, self._left)))

    def drain(self) -> None:
        """Read and drop the rest."""
        while self._left and self.read(_PIECE):
            pass

    def _count(self, data: bytes) -> bytes:
        self._left -= len(data)
        return data
