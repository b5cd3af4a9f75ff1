"""Redirects: to the one canonical URL of a page, keeping host, prefix and query, and to files elsewhere."""

from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

from ...model.names import ProjectName, RegistryAddress, parse_project, parse_registry
from ..headers import A_DAY, COMMON, NO_BODY

_MAX_QUERY = 2048
_QUERY_SAFE = "%!$&'()*+,;=:@/?-._~"


def registry_at(request: Request, registry: str) -> tuple[RegistryAddress, Response | None]:
    """Parse the name in a path that ends in `{registry}/`, and return the 301 where that is not the canonical URL.

    Raises InvalidAddress.
    """
    address = parse_registry(registry)
    return address, to_canonical(request, registry + _trailing_slash(request), f"{address}/")


def project_at(request: Request, registry: str, project: str) -> tuple[RegistryAddress, ProjectName, Response | None]:
    """Parse the names in a path that ends in `{registry}/{project}/`, and return the 301 as `registry_at` does.

    Raises InvalidAddress, InvalidName.
    """
    address, name = target(registry, project)
    given = f"{registry}/{project}{_trailing_slash(request)}"
    return address, name, to_canonical(request, given, f"{address}/{name}/")


def target(registry: str, project: str) -> tuple[RegistryAddress, ProjectName]:
    """Parse the names of a registry and a project. Raises InvalidAddress, InvalidName."""
    return parse_registry(registry), parse_project(project)


def _trailing_slash(request: Request) -> str:
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
    """Return a 303 from the root to a registry's page, for the form there; relative, as `to_canonical` is."""
    location = f"registry/{quote(str(address), safe=':')}/"
    return Response(status_code=303, headers={**COMMON, **NO_BODY, **A_DAY, "Location": location})


def to_url(url: str, cache: dict[str, str]) -> Response:
    """Return a 302 to an absolute URL, quoted so that nothing in it can end the header early."""
    location = quote(url, safe=_QUERY_SAFE + "[]#")
    return Response(status_code=302, headers={**COMMON, **NO_BODY, **cache, "Location": location})
