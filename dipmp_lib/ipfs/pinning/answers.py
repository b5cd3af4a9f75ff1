"""Answers of pinning services: statuses, roots and JSON, and the multipart form of an upload."""

import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ...errors import InvalidCid, MalformedAnswer, PinnerBusy, PinnerError, PinnerRefused
from ...http import Answer
from ...http.strict_json import parse
from ..cid import Cid, parse_cid

MAX_ANSWER = 64 * 1024
MIN_RATE = 64 * 1024
"""Bytes per second; the deadline of an upload allows for no slower one."""

_TOO_MANY = 429
_WORDS = 200


def require_success(name: str, answer: Answer, reason: str = "") -> None:
    """Raise PinnerError or a subclass unless the status is 2xx; `reason` is the service's own message."""
    if 200 <= answer.status <= 299:
        return
    said = f"{name} answered {answer.status}: {reason or printable(answer.body) or 'nothing'}"
    if answer.status in (401, 403):
        raise PinnerRefused(said, hint=f"check the credentials of {name}, and what its account may do")
    if answer.status == _TOO_MANY or answer.status >= 500:
        raise PinnerBusy(said, retry_after=_retry_after(answer.headers), hint="run it again later")
    raise PinnerError(said, hint=f"check the address of {name}, and the limits of its account")


def require_root(name: str, cid: object, root: Cid) -> None:
    """Raise PinnerError unless `cid`, a CID's text in any spelling, is `root`."""
    try:
        found = parse_cid(cid) if isinstance(cid, str) else None
    except InvalidCid:
        found = None
    if found != root:
        shown = str(found) if found else printable(str(cid).encode())[:80] or "nothing"
        raise PinnerError(
            f"{name} says that it keeps {shown} instead of {root}",
            hint=f"nothing can be listed under another CID: publish without {name}",
        )


def parse_object(name: str, answer: Answer) -> Mapping[str, object]:
    """Parse an answer that is a JSON object. Raises PinnerError."""
    try:
        value = parse(answer.body)
    except MalformedAnswer:
        value = None
    if not isinstance(value, dict):
        raise unexpected(name, answer)
    if value.get("success") is False or value.get("error"):
        raise PinnerError(f"{name} answered {answer.status}, but did not do it: {printable(answer.body)}")
    return value


def unexpected(name: str, answer: Answer) -> PinnerError:
    """Return the error for an answer that differs from the service's documentation."""
    return PinnerError(
        f"{name} answered {answer.status} with something else than documented: {printable(answer.body) or 'nothing'}",
        hint=f"check the address of {name}",
    )


def printable(body: bytes) -> str:
    """Return at most 200 characters that cannot disturb a terminal or a log line."""
    text = body[: 4 * _WORDS].decode(errors="replace")[:_WORDS]
    return "".join(char if char.isprintable() else " " for char in text).strip()


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After header (RFC 9110, 10.2.3): a number, or a date. None where unusable."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return max((at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds(), 0.0)


class MultipartForm:
    """multipart/form-data (RFC 7578): text fields, then a file of exactly `size` bytes in the field `file`."""

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
