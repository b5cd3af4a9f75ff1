"""Conditional answers: entity tags, 304, HEAD and gzip, with the headers that all of them share.

Sources: RFC 9110, sections 8.8.3 (ETag), 9.3.2 (HEAD), 12.5.3 (Accept-Encoding), 13.1.2 (If-None-Match), 15.4.5 (304).
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Hashable, Mapping
from functools import lru_cache

from fastapi import Request
from starlette.responses import Response

from ...simple_api import weighted
from ..headers import COMMON

_ENTITY_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e]*)"')
_MAX_HEADER = 4096

Respond = Callable[[dict[str, str]], Awaitable[Response]]
"""Makes the answer that has a body, from its headers, which it may add to."""


async def answer(request: Request, etag: str, headers: Mapping[str, str], respond: Respond) -> Response:
    """Return 304 where the client has what `etag` names, else what `respond` makes of the completed headers.

    `headers` are those of the answer with a body, Content-Type included. A 304 carries them all: clients update what
    they cached with it, and Mangum would add a Content-Type of its own.
    """
    completed = {**COMMON, **headers, "ETag": etag}
    if none_match(field(request, "if-none-match"), etag):
        return Response(status_code=304, headers=completed)
    return await respond(completed)


def whole(
    request: Request,
    body: bytes,
    headers: Mapping[str, str],
    status: int = 200,
    *,
    gzip: bool = False,
) -> Response:
    """Return a response with a whole body, which is compressed already where `gzip` says so.

    HEAD gets the same without the body: the length is the body's, whether or not that is sent.
    """
    content = b"" if request.method == "HEAD" else body
    completed = {**headers, "Content-Encoding": "gzip"} if gzip else {**headers}
    completed["Content-Length"] = str(len(body))
    return Response(content, status, completed)


def field(request: Request, name: str) -> str | None:
    """Return a list header with all its lines joined (RFC 9110 section 5.3), None where it is absent."""
    lines = request.headers.getlist(name)
    return ", ".join(lines) if lines else None


@lru_cache(8192)
def strong_etag(*parts: Hashable) -> str:
    """Return a strong entity tag that changes with any of the parts."""
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        digest.update(len(data).to_bytes(8) + data)
    return f'"{digest.hexdigest()[:32]}"'


def none_match(header: str | None, etag: str) -> bool:
    """Tell whether an If-None-Match header names the entity tag, so that 304 is the answer. Total on any text."""
    if header is None:
        return False
    if header.strip() == "*":
        return True
    return etag.strip('"') in _ENTITY_TAG.findall(header[:_MAX_HEADER])


def accepts_gzip(header: str | None) -> bool:
    """Tell whether an Accept-Encoding header welcomes gzip. Total on any text."""
    return _accepts_gzip((header or "")[:_MAX_HEADER])


@lru_cache(512)
def _accepts_gzip(header: str) -> bool:
    weights = dict(weighted(header))
    return weights.get("gzip", weights.get("*", 0.0)) > 0
