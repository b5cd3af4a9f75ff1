"""Methods and names of routes: GET and HEAD, no other method, and what the log learns of a route."""

from collections.abc import Mapping

import pytest
from starlette.types import ASGIApp

from tests.support.fakes.registry import (
    REGISTRY,
)
from tests.support.programs.asgi import request
from tests.support.systems.small_index import FILE, JSON, PAGE

READS = [PAGE, f"/simple/{REGISTRY}/", FILE, f"{FILE}.metadata", "/healthz", f"/simple/{REGISTRY}/none/", PAGE[:-1]]


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("headers", [{}, JSON | {"accept-encoding": "gzip"}])
def test_head_is_get_without_a_body(app: ASGIApp, path: str, headers: Mapping[str, str]) -> None:
    get, head = request(app, path, headers), request(app, path, headers, method="HEAD")
    assert get.headers.pop("x-request-id", "") != head.headers.pop("x-request-id", None)
    assert (head.status, head.headers, head.body) == (get.status, get.headers, b"")


def test_methods(app: ASGIApp) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = request(app, PAGE, method=method)
        assert answer.status == 405
        assert answer.headers["allow"] == "GET, HEAD"
        assert answer.headers["content-type"] == "application/problem+json"


def test_preflight(app: ASGIApp) -> None:
    answer = request(
        app, PAGE, {"origin": "https://site.example", "access-control-request-method": "GET"}, method="OPTIONS"
    )
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD"
