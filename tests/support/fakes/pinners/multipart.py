"""Strict parser of multipart/form-data (RFC 7578)."""

import re
from dataclasses import dataclass

from tests.support.fakes.pinners.pinned_blocks import RefusedError
from tests.support.faulty.toxics import Request

_TYPE = re.compile(r"multipart/form-data; boundary=([0-9A-Za-z'()+_,./:=?-]{1,70})")
_FIELD = re.compile(rb'Content-Disposition: form-data; name="([^"]+)"')
_FILE = re.compile(rb'Content-Disposition: form-data; name="([^"]+)"; filename="([^"]+)"\r\nContent-Type: ([!-~]+)')


@dataclass(frozen=True)
class Form:
    """The text fields, and the one file."""

    fields: dict[str, str]
    filename: str
    media_type: str
    file: bytes


def read_form(request: Request) -> Form:
    """Parse a request with text fields and one field `file`. Raises RefusedError."""
    found = _TYPE.fullmatch(request.headers.get("content-type", ""))
    if found is None or request.headers.get("content-length") != str(len(request.body)):
        raise RefusedError("not a form of known length")
    first, *parts, last = request.body.split(b"--" + found[1].encode())
    if first or last != b"--\r\n" or not parts:
        raise RefusedError("not bounded as announced")
    fields: dict[str, str] = {}
    files: list[tuple[str, str, bytes]] = []
    for part in parts:
        head, separator, body = part.partition(b"\r\n\r\n")
        if not separator or not head.startswith(b"\r\n") or not body.endswith(b"\r\n"):
            raise RefusedError("a part without head and body")
        if field := _FIELD.fullmatch(head[2:]):
            fields[field[1].decode()] = body[:-2].decode()
        elif (file := _FILE.fullmatch(head[2:])) and file[1] == b"file":
            files.append((file[2].decode(), file[3].decode(), body[:-2]))
        else:
            raise RefusedError(f"an unknown part {head[:80]!r}")
    if len(files) != 1:
        raise RefusedError(f"{len(files)} files")
    return Form(fields, *files[0])
