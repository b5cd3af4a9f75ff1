"""Redirects: to the canonical URL of a page behind any prefix, and to other hosts."""

from urllib.parse import urljoin

import pytest
from starlette.types import ASGIApp

from dipmp_lib.server.app import create_app
from tests.support.fakes.registry import (
    REGISTRY,
    FakeGateways,
    FakeRegistry,
    make_services,
)
from tests.support.programs.asgi import request
from tests.support.systems.small_index import FILE, PAGE, WHEEL

LOWER, UPPER = str(REGISTRY).lower(), "0x" + str(REGISTRY)[2:].upper()


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        (f"/simple/{REGISTRY}", f"/simple/{REGISTRY}/"),
        (f"/simple/{LOWER}", f"/simple/{REGISTRY}/"),
        (f"/simple/{LOWER}/", f"/simple/{REGISTRY}/"),
        (f"/simple/{UPPER}/", f"/simple/{REGISTRY}/"),
        (f"/simple/base:{LOWER}", f"/simple/base:{REGISTRY}/"),
        (f"/simple/{REGISTRY}/demo-pkg", PAGE),
        (f"/simple/{REGISTRY}/Demo_.Pkg", PAGE),
        (f"/simple/{REGISTRY}/Demo.Pkg/", PAGE),
        (f"/simple/{LOWER}/DEMO-PKG/", PAGE),
        (f"/simple/{LOWER}/DEMO-PKG", PAGE),
        (f"/files/{LOWER}/Demo_Pkg/{WHEEL.filename}", FILE),
        (f"/files/{LOWER}/demo-pkg/{WHEEL.filename}.metadata", f"{FILE}.metadata"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/prod"])
@pytest.mark.parametrize("query", ["", "?a=b&c=%20d", "?x=\"'<>"])
def test_one_canonical_url(app: ASGIApp, path: str, canonical: str, prefix: str, query: str) -> None:
    answer = request(app, path + query)
    assert answer.status == 301
    assert answer.headers["location"].startswith(("./", "../"))
    landed = urljoin(f"http://index.example{prefix}{path}", answer.headers["location"])
    quoted = canonical.replace("!", "%21").replace("+", "%2B")
    assert landed == f"http://index.example{prefix}{quoted}" + query.replace('"', "%22").replace("<>", "%3C%3E")


def test_a_canonical_url_is_not_redirected(app: ASGIApp) -> None:
    assert request(app, PAGE + "?x=1").status == 200


def test_nothing_ends_a_location_early(registry: FakeRegistry) -> None:
    app = create_app(make_services(registry, FakeGateways("https://g.example/\r\nX-Evil: 1\r\n\u2028\xff")))
    location = request(app, FILE).headers["location"]
    assert location.startswith("https://g.example/%0D%0AX-Evil:%201")
    assert location.isascii()
    assert location.isprintable()
