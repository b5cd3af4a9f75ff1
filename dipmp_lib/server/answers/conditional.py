"""Answers that carry a whole body, or to HEAD the same without it."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import Request
from starlette.responses import Response


def whole(request: Request, body: bytes, headers: Mapping[str, str], status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Return the response; its length is the body's, whether or not that is sent (RFC 9110 section 9.3.2)."""
    content = b"" if request.method == "HEAD" else body
    return Response(content, status, {**headers, "Content-Length": str(len(body))})
