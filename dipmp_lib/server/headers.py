"""Response headers that answers share. No web framework: `sync` writes pages with these headers.

Sources: RFC 9111 (Cache-Control), RFC 5861 (stale-while-revalidate), the Fetch standard (Access-Control-*).
"""

from urllib.parse import quote

READ_METHODS = ["GET", "HEAD"]

COMMON = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Age, ETag, X-Dipmp-Denied, X-Dipmp-Stale",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every response: scripts of any origin may read it, and nothing in it may run."""

PREFLIGHT = {
    "Access-Control-Allow-Methods": ", ".join(READ_METHODS),
    "Access-Control-Allow-Headers": "Accept, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
PAGE = {
    "Cache-Control": "public, max-age=0, s-maxage=40, stale-while-revalidate=20",
    "Vary": "Accept, Accept-Encoding",
}
"""Installers always revalidate, so that they see a new release at once; a shared cache may hold a page for a minute.

In the last third of it the cache answers at once and revalidates meanwhile (RFC 5861), so that no client waits for the
chain.
"""

_WATCHED = "s-maxage=50"
"""Time in shared caches where rules may change, so that changes take effect within a minute in all."""
WATCHED_PAGE = {**PAGE, "Cache-Control": "public, max-age=0, s-maxage=30, stale-while-revalidate=20"}

NO_BODY = {"Content-Type": "text/plain; charset=utf-8"}
"""Content-Type of responses without a body, to which Mangum would otherwise add application/json."""

OCTETS = "application/octet-stream"
"""The Content-Type of files and of METADATA."""

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
WATCHED_FOR_EVER = {"Cache-Control": f"public, max-age=31536000, {_WATCHED}, immutable"}
A_DAY = {"Cache-Control": "public, max-age=86400"}
BRIEFLY = {"Cache-Control": "public, max-age=0, s-maxage=30"}
A_MINUTE = {"Cache-Control": "max-age=60"}
NO_STORE = {"Cache-Control": "no-store"}

DENIED = "X-Dipmp-Denied"
"""Header that names the rule by which the operator withholds something; logged, and counted as a metric."""

_VISIBLE = "%!$&'()*+,;=:@/?#-._~"


def denied_by(rule: str) -> str:
    """Return a rule's id as a header may hold it."""
    return quote(rule[:300], safe=_VISIBLE)
