"""An HTTP answer as a value: what the gateway and the RPC decide, before anything is sent."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BufferedIOBase


@dataclass(frozen=True, slots=True)
class Response:
    """`length` None means that the body's length is not known beforehand and it travels in HTTP chunks."""

    status: HTTPStatus
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Iterable[bytes] = ()
    length: int | None = 0


def plain(status: HTTPStatus, text: str) -> Response:
    """Return a sentence for a person."""
    body = f"{text}\n".encode()
    return Response(status, {"Content-Type": "text/plain; charset=utf-8"}, (body,), len(body))


def lines(status: HTTPStatus, *values: object) -> Response:
    """Return JSON values, one a line, as the Kubo RPC does."""
    body = "".join(json.dumps(value, separators=(",", ":")) + "\n" for value in values).encode()
    return Response(status, {"Content-Type": "application/json"}, (body,), len(body))


_PIECE = 64 * 1024


class RequestBody:
    """The body of one request, as far as its Content-Length goes."""

    def __init__(self, stream: BufferedIOBase, length: int) -> None:
        self._stream, self._left = stream, length

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, b"" at the end of the request."""
        return self._count(self._stream.read(min(size, self._left)))

    def readline(self, size: int) -> bytes:
        """Return up to `size` bytes of the line."""
        return self._count(self._stream.readline(min(size, self._left)))

    def drain(self) -> None:
        """Read what is left."""
        while self._left and self.read(_PIECE):
            pass

    def _count(self, data: bytes) -> bytes:
        self._left -= len(data)
        return data
