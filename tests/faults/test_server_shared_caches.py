"""What shared caches may rely on: one body for each canonical URL, and errors that nobody keeps (C1, C2, C4)."""

from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import ASGIApp

from dipmp_lib.errors import DipmpError, MalformedLog, RpcError
from dipmp_lib.registry import MAX_STALE, CachedRegistry, Lifetimes
from dipmp_lib.server.app import create_app
from dipmp_lib.server.services import Services
from tests.support.fakes.registry import (
    REGISTRY,
    FakeGateways,
    FakeRegistry,
    make_file,
    make_project,
    make_services,
    metadata_of,
)
from tests.support.programs.asgi import request

HOUR = 3600.0
WHEEL = make_file("demo_pkg-1.0-py3-none-any.whl", "1.0")
PAGE = f"/simple/{REGISTRY}/demo-pkg/"
LIST = f"/simple/{REGISTRY}/"
FILE = f"/files/{REGISTRY}/demo-pkg/{WHEEL.filename}"
APP = create_app(
    make_services(
        FakeRegistry(make_project("demo-pkg", WHEEL)),
        FakeGateways("https://g.example/ipfs", metadata_of(WHEEL.filename)),
    )
)
JSON = "application/vnd.pypi.simple.v1+json"
PLAIN = {path: request(APP, path) for path in (PAGE, LIST, FILE, f"{FILE}.metadata")}

header_values = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40)
unkeyed = st.dictionaries(
    st.sampled_from(
        [
            "host",
            "forwarded",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-forwarded-prefix",
            "x-forwarded-port",
            "x-original-url",
            "x-rewrite-url",
            "x-http-method-override",
            "cookie",
            "authorization",
            "origin",
            "referer",
            "user-agent",
            "accept-language",
            "range",
        ]
    ),
    header_values,
)
queries = st.text(st.sampled_from("abc=&%20?/;+"), max_size=20)


@given(st.sampled_from(sorted(PLAIN)), unkeyed, queries)
def test_C1_cache_key_nothing_else_changes_an_answer(path: str, headers: dict[str, str], query: str) -> None:
    """What no `Vary` names and no canonical URL has: answers are the same to the byte, headers included."""
    assert request(APP, f"{path}?{query}" if query else path, headers) == PLAIN[path]


@given(st.sampled_from([PAGE, LIST]), st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60))
def test_C1_cache_key_accept_is_named_and_tags_differ(path: str, accept: str) -> None:
    answer = request(APP, path, {"accept": accept})
    assert {"accept", "accept-encoding"} == {name.strip().lower() for name in answer.headers["vary"].split(",")}
    same = answer.headers["etag"] == PLAIN[path].headers["etag"]
    assert same == (answer.body == PLAIN[path].body)


@pytest.mark.parametrize("accept", [JSON, "application/vnd.pypi.simple.v1+html", "text/html"])
def test_C1_cache_key_every_variant_has_a_tag_of_its_own(accept: str) -> None:
    variants = [{"accept": accept}, {"accept": accept, "accept-encoding": "gzip"}]
    others = [
        {"accept": other} for other in (JSON, "application/vnd.pypi.simple.v1+html", "text/html") if other != accept
    ]
    tags = [request(APP, PAGE, headers).headers["etag"] for headers in (*variants, *others)]
    assert len(set(tags)) == len(tags)


@pytest.mark.parametrize(
    "path",
    [
        f"/simple/{str(REGISTRY).lower()}/demo-pkg/",
        f"/simple/0X{str(REGISTRY)[2:].upper()}/demo-pkg/",
        f"/simple/{REGISTRY}/Demo_Pkg/",
        f"/simple/{REGISTRY}/demo.pkg/",
        f"/simple/{REGISTRY}/demo---pkg",
        f"/simple/{REGISTRY}/demo-pkg",
    ],
)
def test_C2_canonical_every_spelling_leads_to_one_url(path: str) -> None:
    answer = request(APP, path)
    assert answer.status == 301
    assert urljoin(path, answer.headers["location"]) == PAGE
    assert request(APP, PAGE).status == 200


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry(make_project("demo-pkg", WHEEL))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(registry: FakeRegistry, clock: Clock) -> ASGIApp:
    return create_app(Services(CachedRegistry(registry, lifetimes=Lifetimes(fresh=2), clock=clock), FakeGateways()))


@pytest.mark.parametrize("failure", [RpcError("down"), MalformedLog("does not verify")])
@pytest.mark.parametrize("path", [PAGE, LIST])
def test_C4_stale_an_hour_of_outage_is_served_and_said(
    app: ASGIApp, registry: FakeRegistry, clock: Clock, failure: DipmpError, path: str
) -> None:
    fresh = request(app, path)
    registry.failure = failure
    for minute in range(1, 61):
        clock.now += 60
        answer = request(app, path)
        assert (answer.status, answer.body) == (200, fresh.body)
        assert (answer.headers["age"], "x-dipmp-stale" in answer.headers) == (str(60 * minute), True)
    registry.failure = None
    clock.now += 2
    assert request(app, path) == fresh


def test_C4_stale_the_last_known_good_page_ends_one_day(app: ASGIApp, registry: FakeRegistry, clock: Clock) -> None:
    request(app, PAGE)
    registry.failure = RpcError("down")
    clock.now += MAX_STALE - HOUR
    assert request(app, PAGE).status == 200
    clock.now += HOUR + 1
    answer = request(app, PAGE)
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize("path", [f"/simple/{REGISTRY}/none/", "/simple/0x12/", PAGE, f"{FILE}.metadata", "/nowhere"])
def test_C4_stale_no_error_is_kept(app: ASGIApp, registry: FakeRegistry, path: str) -> None:
    if path == PAGE:
        registry.failure = RpcError("down")
    answer = request(app, path)
    assert answer.status >= 400
    assert answer.headers["cache-control"] == "no-store"
