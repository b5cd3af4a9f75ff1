"""One canonical URL per page: relative redirects to it, which keep host, stage prefix and query."""

from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

from ..names import ProjectName, RegistryAddress, parse_project, parse_registry
from .headers import A_DAY, COMMON, NO_BODY

_MAX_QUERY = 2048
_QUERY_SAFE = "%!$&'()*+,;=:@/?-._~"


def target(registry: str, project: str) -> tuple[RegistryAddress, ProjectName]:
    """Parse the names of a path. Raises InvalidAddress, InvalidName."""
    return parse_registry(registry), parse_project(project)


def trailing_slash(request: Request) -> str:
    """Return "/" if the request's path ends in one, otherwise ""."""
    path: str = request.scope["path"]
    return "/" if path.endswith("/") else ""


def to_canonical(request: Request, given: str, canonical: str) -> Response | None:
    """Return a 301 from `given` to `canonical`, two decoded paths below one folder, or None where they are equal.

    The location is relative, so whatever is before that folder stays: a proxy's prefix, an API Gateway stage.
    """
    if given == canonical:
        return None
    # "./" because a first segment like base:0x… would read as a URL scheme.
    location = ("../" * given.count("/") or "./") + quote(canonical, safe="/:")
    query = request.scope.get("query_string", b"")[:_MAX_QUERY].decode("latin-1")
    if query:
        location += "?" + quote(query, safe=_QUERY_SAFE)
    return Response(status_code=301, headers={**COMMON, **NO_BODY, **A_DAY, "Location": location})


def to_registry(address: RegistryAddress) -> Response:
    """Return a 303 from the root to a registry's page, for a form that asked for it; relative as to_canonical's."""
    location = f"registry/{quote(str(address), safe=':')}/"
    return Response(status_code=303, headers={**COMMON, **NO_BODY, **A_DAY, "Location": location})


def to_url(url: str, cache: dict[str, str]) -> Response:
    """Return a 302 to an absolute URL, in which nothing can end the header early."""
    location = quote(url, safe=_QUERY_SAFE + "[]#")
    return Response(status_code=302, headers={**COMMON, **NO_BODY, **cache, "Location": location})
