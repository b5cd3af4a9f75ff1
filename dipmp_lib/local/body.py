"""One request's body as a stream that ends where the request does."""

from io import BufferedIOBase

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
