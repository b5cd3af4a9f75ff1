"""Pages for people as responses: caching, security headers, outages, and errors as pages."""

import gzip
import re
from dataclasses import replace
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup
from starlette.types import ASGIApp

from dipmp_lib.errors import RpcError
from dipmp_lib.model.pages import Status
from dipmp_lib.registry import CachedRegistry, Lifetimes
from dipmp_lib.server.app import create_app
from dipmp_lib.server.services import Services, Site
from tests.support.fakes.registry import NO_MEMORY, REGISTRY, FakeGateways, FakeRegistry, make_file, make_project
from tests.support.programs.asgi import Answer, request

OLD = make_file("demo_pkg-1.9-py3-none-any.whl", "1.9")
NEW = make_file("demo_pkg-1.10-py3-none-any.whl", "1.10", size=3_456_789)
SDIST = make_file("demo_pkg-1.10.0.tar.gz", "1.10.0")
PRE = make_file("demo_pkg-2.0a1.tar.gz", "2.0a1")
DEMO = make_project("demo-pkg", OLD, NEW, PRE, SDIST)
PROJECT, LIST = f"/project/{REGISTRY}/demo-pkg/", f"/registry/{REGISTRY}/"
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"}
PIP = {"accept": "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"}


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry(DEMO, make_project("other-thing"), make_project("thing"))


@pytest.fixture
def site() -> Site:
    return Site("https://index.example/prod", 8453, (REGISTRY,))


@pytest.fixture
def app(registry: FakeRegistry, site: Site) -> ASGIApp:
    return create_app(services(registry, site))


def services(registry: FakeRegistry, site: Site = Site(), **changes: object) -> Services:  # noqa: B008 - frozen
    plain = Services(CachedRegistry(registry, lifetimes=NO_MEMORY), FakeGateways(), site=site)
    return replace(plain, **changes)  # type: ignore[arg-type]


def soup(answer: Answer) -> BeautifulSoup:
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return BeautifulSoup(answer.body.decode(), "html.parser")


def test_caching(app: ASGIApp, registry: FakeRegistry) -> None:
    for path in ("/", LIST, PROJECT):
        full = request(app, path)
        assert full.headers["cache-control"] == "public, max-age=0, s-maxage=40, stale-while-revalidate=20"
        assert full.headers["vary"] == "Accept, Accept-Encoding"
        again = request(app, path, {"if-none-match": full.headers["etag"]})
        assert (again.status, again.body) == (304, b"")
        for name in ("content-type", "etag", "vary", "cache-control", "content-security-policy"):
            assert again.headers[name] == full.headers[name]
        packed = request(app, path, {"accept-encoding": "gzip"})
        assert gzip.decompress(packed.body) == full.body
        assert packed.headers["etag"] != full.headers["etag"]
        head = request(app, path, method="HEAD")
        assert (head.status, head.headers, head.body) == (200, full.headers, b"")
    before = request(app, PROJECT).headers["etag"]
    registry.put(replace(DEMO, status=Status.ARCHIVED))  # whatever changes a page changes its tag, the head or not
    assert request(app, PROJECT).headers["etag"] != before


@pytest.mark.slow
def test_security_headers(app: ASGIApp) -> None:
    for path, headers in [("/", {}), (LIST, {}), (PROJECT, {}), ("/nothing", BROWSER)]:
        answer = request(app, path, headers)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        for rule in ("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert rule in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert not soup(answer).select("script, [style], [onclick]")


def test_stale(registry: FakeRegistry) -> None:
    cached = CachedRegistry(registry, lifetimes=Lifetimes(fresh=0, failure=0))
    app = create_app(Services(cached, FakeGateways()))
    fresh = request(app, PROJECT)
    registry.failure = RpcError("http://secret-key.example is down")
    stale = request(app, PROJECT)
    assert (stale.status, stale.headers["x-dipmp-stale"]) == (200, "the chain could not be asked")
    assert "age" in stale.headers
    assert "The chain cannot be asked right now" in soup(stale).get_text()
    assert "secret" not in stale.body.decode()
    assert b"cannot be asked" not in fresh.body


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/registry/0x12/", 404, "'0x12' is not a registry address"),
        ("/?registry=<b>", 404, "'<b>' is not a registry address"),
        (f"/project/{REGISTRY}/absent/", 404, "has no project absent"),
        ("/nothing/at/all", 404, "nothing is at this path"),
    ],
)
def test_errors_for_people(app: ASGIApp, path: str, status: int, words: str) -> None:
    answer = request(app, path, BROWSER)
    page = soup(answer)
    assert (answer.status, answer.headers["cache-control"]) == (status, "no-store")
    assert words in page.get_text()
    home = str(page.select_one(".brand")["href"])  # type: ignore[index]
    assert urljoin(f"http://h/prod{path}", home) == "http://h/prod/"
    head = request(app, path, BROWSER, method="HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (status, b"", str(len(answer.body)))


def test_an_outage_for_people(app: ASGIApp, registry: FakeRegistry) -> None:
    registry.failure = RpcError("no endpoint answers")
    answer = request(app, PROJECT, BROWSER)
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert "no endpoint answers" in soup(answer).get_text()


@pytest.mark.parametrize("headers", [{}, PIP, {"accept": "*/*"}, {"accept": "application/json, text/html;q=0.9"}])
def test_programs_get_problem_details(app: ASGIApp, headers: dict[str, str]) -> None:
    assert request(app, f"/project/{REGISTRY}/absent/", headers).headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", [f"/simple/{REGISTRY}/absent/", f"/files/{REGISTRY}/demo-pkg/absent", "/simple/0x12/"])
def test_routes_of_programs_speak_to_programs(app: ASGIApp, path: str) -> None:
    for headers in (BROWSER, {"accept": "text/html"}):
        assert request(app, path, headers).headers["content-type"] == "application/problem+json"


def test_without_the_part_there_are_none(registry: FakeRegistry) -> None:
    answer = request(create_app(services(registry), ["simple", "files"]), "/", BROWSER)
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


def test_the_style_sheet_asks_nobody(app: ASGIApp) -> None:
    style = str(soup(request(app, "/")).select_one("style"))
    assert not re.search(r"url\(|@import|expression|</style.+</style", style)
