"""A multipart/form-data body (RFC 7578) with one file that is streamed and whose length is known beforehand."""

import secrets
from collections.abc import Iterator, Mapping

from ..errors import PinnerError


class Form:
    """Text fields, then a file of exactly `size` bytes under the field name `file`."""

    def __init__(self, fields: Mapping[str, str], filename: str, media_type: str, size: int) -> None:
        self._boundary = secrets.token_hex(16)
        texts = "".join(self._part(f'name="{name}"') + f"{value}\r\n" for name, value in fields.items())
        file = self._part(f'name="file"; filename="{filename}"', f"Content-Type: {media_type}\r\n")
        self._head = (texts + file).encode()
        self._tail = f"\r\n--{self._boundary}--\r\n".encode()
        self._size = size

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a request with this body."""
        return {
            "Content-Type": f"multipart/form-data; boundary={self._boundary}",
            # With a known length the body is not chunked, and a truncated upload cannot pass for a whole one.
            "Content-Length": str(len(self._head) + self._size + len(self._tail)),
            "Connection": "close",
        }

    def body(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the body around the file's bytes. Raises PinnerError where they are not as many as announced."""
        yield self._head
        sent = 0
        for piece in pieces:
            sent += len(piece)
            yield piece
        if sent != self._size:
            raise PinnerError(f"the archive has {sent} bytes where {self._size} were announced")
        yield self._tail

    def _part(self, disposition: str, more: str = "") -> str:
        return f"--{self._boundary}\r\nContent-Disposition: form-data; {disposition}\r\n{more}\r\n"
