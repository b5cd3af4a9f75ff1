"""Responses of the bridge, in a form that every upload tool shows to its user.

twine and Hatch show the reason phrase alone, Flit and Poetry also a plain body (Flit where the status is 400), uv a
problem-details body (RFC 9457). So a refusal is 400 with its sentence in the reason phrase and in the body. 503 is for
failures that may be repeated at no cost, since twine repeats an upload up to five times after a 5xx.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ...errors import Conflict, DipmpError, Malformed, UploadTooLarge, Upstream
from ...simple_api import clean, weighted
from .upload_sink import AcceptedUpload, UploadState

REASON = "x-reason-phrase"
"""The header from which BridgeProtocol takes the reason phrase, for which ASGI has no place."""

_STATUS = {
    UploadState.PUBLISHED: HTTPStatus.OK,
    UploadState.LISTED: HTTPStatus.OK,
    UploadState.COLLECTED: HTTPStatus.ACCEPTED,
}
_JSON = ("application/json", "application/problem+json")
_MAX_TEXT, _MAX_REASON = 1500, 500
_ALREADY = "File already exists"


def accepted(answer: AcceptedUpload) -> Response:
    """Return the response for an accepted file."""
    return _plain(answer.sentence, _STATUS[answer.state])


def ignored() -> Response:
    """Return the response for an obsolete `submit` or `verify` call."""
    return _plain("there is nothing to do for this call", HTTPStatus.OK)


def http_error(request: Request, error: HTTPException) -> Response:
    """Return the response for a request without access."""
    return refusal(request, HTTPStatus(error.status_code), "", error.detail, "", error.headers)


def failed(request: Request, error: DipmpError) -> Response:
    """Return the response for a file that was not accepted; the error decides the status."""
    code = "".join(f"-{char.lower()}" if char.isupper() else char for char in type(error).__name__).lstrip("-")
    if isinstance(error, Conflict):
        return refusal(request, HTTPStatus.BAD_REQUEST, _ALREADY, _text(error), "file-already-exists")
    if isinstance(error, UploadTooLarge):
        return refusal(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "", _text(error), code)
    if isinstance(error, Upstream | Malformed):
        return refusal(request, HTTPStatus.SERVICE_UNAVAILABLE, "", _text(error), code)
    return refusal(request, HTTPStatus.BAD_REQUEST, "", _text(error), code)


def refusal(
    request: Request,
    status: HTTPStatus,
    title: str,
    detail: str,
    code: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a refusal as problem details if the client accepts JSON, else as text, with the same reason phrase."""
    sentence = _one_line(f"{title}: {detail}" if title else detail)
    if _wants_json(request.headers.get("accept", "")):
        body = {"title": title or status.phrase, "status": status.value, "detail": _one_line(detail)}
        content = json.dumps(body | ({"code": code} if code else {}))
        answer = Response(content, status, headers, media_type="application/problem+json")
    else:
        answer = _plain(sentence, status, headers)
    answer.headers[REASON] = _ascii(sentence)[:_MAX_REASON]
    return answer


def _plain(text: str, status: HTTPStatus, headers: Mapping[str, str] | None = None) -> Response:
    return Response(f"{text}\n", status, headers, media_type="text/plain")


def _text(error: DipmpError) -> str:
    return f"{error}; {error.hint}" if error.hint else str(error)


def _one_line(text: str) -> str:
    return clean(" ".join(text.split()))[:_MAX_TEXT]


def _ascii(text: str) -> str:
    return "".join(char if " " <= char <= "~" else "?" for char in text)


def _wants_json(accept: str) -> bool:
    return any(weight > 0 and name in _JSON for name, weight in weighted(accept))
