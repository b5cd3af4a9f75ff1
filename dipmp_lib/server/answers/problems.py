"""Errors as HTTP responses: the table from errors to statuses, and problem details (RFC 9457).

Of a registry, a project or a file 404 means proven absence: clients that get it may look for the project elsewhere. A
failure to find out is 503, which pip and uv try again. A path that can name nothing is 404, too: a malformed address or
name, a chain that this server does not read, an unknown route.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ...errors import Denied, DipmpError, InvalidAddress, InvalidName, Malformed, NotFound, Refused, Upstream
from ...simple_api import clean
from ..headers import A_MINUTE, COMMON, DENIED, NO_BODY, NO_STORE, PREFLIGHT, READ_METHODS, denied_by
from .conditional import whole

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER = "5"
"""Seconds; an outage is seldom shorter, and pip gives up after its fifth try anyway."""

_STATUS: dict[type[DipmpError], HTTPStatus] = {
    InvalidAddress: HTTPStatus.NOT_FOUND,
    InvalidName: HTTPStatus.NOT_FOUND,
    NotFound: HTTPStatus.NOT_FOUND,
    Denied: HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS,
    Refused: HTTPStatus.FORBIDDEN,
    Malformed: HTTPStatus.BAD_GATEWAY,
    Upstream: HTTPStatus.SERVICE_UNAVAILABLE,
}
_HINTS = {
    HTTPStatus.NOT_FOUND: "indexes are at /simple/{registry}/, project pages at /simple/{registry}/{project}/",
    HTTPStatus.METHOD_NOT_ALLOWED: "the index is only read here; dipmp-publish writes to the registry itself",
}
_MAX_TEXT = 600
_URL = "%!$&'()*+,;=:@/?#-._~"


def status_of(error: DipmpError) -> HTTPStatus:
    """Return the status for an error: that of its nearest listed class, 500 for one that no route should raise."""
    listed = (_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    return next(listed, HTTPStatus.INTERNAL_SERVER_ERROR)


def problem(
    request: Request,
    status: HTTPStatus,
    detail: str,
    hint: str = "",
    *,
    code: str = "",
    more: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem-details response, or the same as a page where a browser asks.

    `code` is a stable word for programs, `more` are further headers.
    """
    texts = {"detail": detail, "hint": hint, "code": code}
    body = {"title": status.phrase, "status": status.value} | {
        key: _bounded(text) for key, text in texts.items() if text
    }
    content, form = _in_form(request, body)
    headers = {**COMMON, **NO_STORE, **form, **(more or {})}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = RETRY_AFTER
    return whole(request, content, headers, status)


def _in_form(request: Request, body: Mapping[str, object]) -> tuple[bytes, Mapping[str, str]]:
    """Return the body as a page or as JSON, as the client wants it, and the headers that go with it."""
    error_page = request.app.state.error_page
    page: tuple[bytes, Mapping[str, str]] | None = error_page(request, body) if error_page is not None else None
    return page or (json.dumps(body, ensure_ascii=False).encode(), {"Content-Type": CONTENT_TYPE})


async def domain_error(request: Request, error: Exception) -> Response:
    """Return the problem for an error that dipmp raised on purpose."""
    if not isinstance(error, DipmpError):
        raise error
    status = status_of(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return await unexpected_error(request, error)
    return problem(request, status, str(error), error.hint, code=_code(error), more=_refusal(error))


async def routing_error(request: Request, error: Exception) -> Response:
    """Return the problem for an unknown path or method; 204 for a browser's preflight (Fetch standard)."""
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    if status is HTTPStatus.METHOD_NOT_ALLOWED and request.method == "OPTIONS":
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={**COMMON, **NO_BODY, **PREFLIGHT})
    details = {
        HTTPStatus.NOT_FOUND: "nothing is at this path",
        HTTPStatus.METHOD_NOT_ALLOWED: "this method is not offered here",
    }
    answer = problem(request, status, details.get(status, status.description), _HINTS.get(status, ""))
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = ", ".join(READ_METHODS)
    return answer


async def unexpected_error(request: Request, _error: Exception) -> Response:
    """Return the problem for a fault of the server; its cause goes to the log, not to the client."""
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal server error; details are in the server's log")


def _refusal(error: DipmpError) -> dict[str, str]:
    """Return the headers that name who refuses and by which rule (RFC 7725: `blocked-by`)."""
    if not isinstance(error, Refused):
        return {}
    if not isinstance(error, Denied):
        return {DENIED: "not-pinned"}
    link = {"Link": f'<{quote(error.policy_url, safe=_URL)}>; rel="blocked-by"'} if error.policy_url else {}
    return {**link, **A_MINUTE, "Vary": "Accept", DENIED: denied_by(error.rule)}


def _bounded(text: str) -> str:
    text = clean(text)
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"


def _code(error: DipmpError) -> str:
    """Return the name of an error's class as a code: ProjectNotFound is project-not-found."""
    return "".join(f"-{char.lower()}" if char.isupper() else char for char in type(error).__name__).lstrip("-")
