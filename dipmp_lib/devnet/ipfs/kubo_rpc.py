"""Kubo RPC API (v0), as far as a pinner needs it: `dag/import`, `pin/ls`, `version`.

Source: the Kubo RPC reference. Calls are POST only; errors are 500 with `{"Message", "Code", "Type"}`. `dag/import`
takes one part of multipart/form-data with a Content-Length, and pins the roots unless `pin-roots=false`.
"""

import io
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import BinaryIO, cast

from ...errors import DipmpError, MalformedAnswer
from ...ipfs.cid import Cid, parse_cid
from .answers import Response, lines
from .blocks import BlockStore

PREFIX = "/api/v0/"
_BOUNDARY = re.compile(r"""multipart/form-data\s*;.*?boundary=("?)([A-Za-z0-9'()+_,./:=? -]{1,70})\1\s*(?:;|$)""", re.I)
_MAX_LINE, _MAX_HEADER_LINES = 1024, 16

Query = Mapping[str, str]


def answer(store: BlockStore, call: str, query: Query, headers: Mapping[str, str], body: BinaryIO) -> Response:
    """Answer one call (the path after `/api/v0/`); `body` ends with the request. Header names: lower case."""
    if headers.get("origin") is not None:
        # Web pages in the user's browser can reach loopback, too; Kubo also refuses them.
        return lines(HTTPStatus.FORBIDDEN, _error("requests from web pages are refused"))
    calls: dict[str, Callable[[], Response]] = {
        "dag/import": lambda: _dag_import(store, query, headers, body),
        "pin/ls": lambda: _pin_ls(store, query),
        "version": lambda: lines(HTTPStatus.OK, {"Version": "dipmp", "Commit": "", "Repo": "", "System": ""}),
    }
    if call not in calls:
        return lines(HTTPStatus.NOT_FOUND, _error(f"{call[:40]!r} is not a call of this store"))
    try:
        return calls[call]()
    except DipmpError as error:
        return lines(HTTPStatus.INTERNAL_SERVER_ERROR, _error(str(error)))


def _dag_import(store: BlockStore, query: Query, headers: Mapping[str, str], body: BinaryIO) -> Response:
    length = headers.get("content-length", "")
    if not re.fullmatch(r"[0-9]{1,15}", length):
        return lines(HTTPStatus.LENGTH_REQUIRED, _error("dag/import needs a Content-Length here"))
    part = only_part(headers.get("content-type", ""), body, int(length))
    roots = store.import_car(cast("BinaryIO", part))
    part.end()
    if query.get("pin-roots") == "false":
        return lines(HTTPStatus.OK)
    return lines(HTTPStatus.OK, *({"Root": {"Cid": {"/": str(cid)}, "PinErrorMsg": _pin(store, cid)}} for cid in roots))


def _pin(store: BlockStore, root: Cid) -> str:
    try:
        store.pin(root)
    except DipmpError as error:
        return str(error)
    return ""


def _pin_ls(store: BlockStore, query: Query) -> Response:
    pins = store.pins()
    if "arg" in query:
        wanted = parse_cid(query["arg"].removeprefix("/ipfs/"))
        if wanted not in pins:
            return lines(HTTPStatus.INTERNAL_SERVER_ERROR, _error(f"path '{wanted}' is not pinned"))
        pins = [wanted]
    return lines(HTTPStatus.OK, {"Keys": {str(cid): {"Type": "recursive", "Name": ""} for cid in pins}})


def _error(message: str) -> dict[str, object]:
    return {"Message": message, "Code": 0, "Type": "error"}


class _Part(io.RawIOBase):
    """The only part of a form, readable up to the closing boundary."""

    def __init__(self, stream: BinaryIO, length: int, closing: bytes) -> None:
        self._stream, self._left, self._closing = stream, length, closing

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data

    def end(self) -> None:
        """Raise MalformedAnswer unless the form ends right after the part."""
        if self._left or self._stream.read(len(self._closing) + 1) != self._closing:
            raise MalformedAnswer("the form does not end after its first part")


def only_part(content_type: str, stream: BinaryIO, length: int) -> _Part:
    """Return the part of a one-part form of `length` bytes as a stream. Raises MalformedAnswer.

    The closing boundary's place follows from the length, so the part is not searched for it.
    """
    match = _BOUNDARY.match(content_type)
    if match is None:
        raise MalformedAnswer("the request is not multipart/form-data")
    boundary = b"--" + match[2].encode()
    closing = b"\r\n" + boundary + b"--\r\n"
    head = stream.readline(_MAX_LINE)
    if head != boundary + b"\r\n":
        raise MalformedAnswer("the form does not begin with its boundary")
    used = len(head)
    for _ in range(_MAX_HEADER_LINES):
        line = stream.readline(_MAX_LINE)
        used += len(line)
        if line == b"\r\n":
            break
    else:
        raise MalformedAnswer("the form's part has too many headers")
    if length - used - len(closing) < 0:
        raise MalformedAnswer("the form has no closing boundary")
    return _Part(stream, length - used - len(closing), closing)
