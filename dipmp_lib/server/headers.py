"""Response headers that routes share, and the parts of HTTP that pages need: conditional requests and encodings.

Sources: RFC 9110 (sections 8.8.3 ETag, 13.1.2 If-None-Match, 12.5.3 Accept-Encoding), RFC 9111 (Cache-Control, Age).
"""

import hashlib
import re
from collections.abc import Hashable
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..simple_api import weighted

if TYPE_CHECKING:  # sync writes pages with these headers, and loads no web framework
    from fastapi import Request

READ_METHODS = ["GET", "HEAD"]

COMMON = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Age, ETag, X-Dipmp-Denied, X-Dipmp-Stale",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
"""On every response: anybody may read it from a script, and nothing in it is ever run."""

PREFLIGHT = {
    "Access-Control-Allow-Methods": ", ".join(READ_METHODS),
    "Access-Control-Allow-Headers": "Accept, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
PAGE = {
    "Cache-Control": "public, max-age=0, s-maxage=40, stale-while-revalidate=20",
    "Vary": "Accept, Accept-Encoding",
}
"""A new release must be seen at once, so installers revalidate always; a shared cache may hold a page for a minute.

For the last third of it the cache answers at once and asks meanwhile (RFC 5861): nobody waits for the chain.
"""

_WATCHED = "s-maxage=50"
"""Where rules may change at any time: in a shared cache for so long that they take effect within a minute in all."""
WATCHED_PAGE = {**PAGE, "Cache-Control": "public, max-age=0, s-maxage=30, stale-while-revalidate=20"}

NO_BODY = {"Content-Type": "text/plain; charset=utf-8"}
"""Even where nothing follows: Mangum would otherwise call it application/json."""

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
WATCHED_FOR_EVER = {"Cache-Control": f"public, max-age=31536000, {_WATCHED}, immutable"}
A_DAY = {"Cache-Control": "public, max-age=86400"}
BRIEFLY = {"Cache-Control": "public, max-age=0, s-maxage=30"}
A_MINUTE = {"Cache-Control": "max-age=60"}
NO_STORE = {"Cache-Control": "no-store"}

DENIED = "X-Dipmp-Denied"
"""The rule by which the operator of the server keeps something back; logged, and counted as a metric."""

_ENTITY_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e]*)"')
_MAX_HEADER = 4096
_VISIBLE = "%!$&'()*+,;=:@/?#-._~"


def denied_by(rule: str) -> str:
    """Return a rule's id as a header may hold it."""
    return quote(rule[:300], safe=_VISIBLE)


def field(request: "Request", name: str) -> str | None:
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
