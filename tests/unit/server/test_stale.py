"""What is served while a chain is out of reach."""

import json

import pytest
from starlette.types import ASGIApp

from dipmp_lib.errors import MalformedLog, RpcError
from dipmp_lib.registry import CachedRegistry, Lifetimes
from dipmp_lib.server.app import create_app
from dipmp_lib.server.services import Services
from tests.support.fakes.clock import Clock
from tests.support.fakes.registry import REGISTRY, FakeGateways, FakeRegistry, make_file, make_project
from tests.support.programs.asgi import request

WHEEL = make_file("demo_pkg-1.0-py3-none-any.whl", "1.0")
PAGE, LIST = f"/simple/{REGISTRY}/demo-pkg/", f"/simple/{REGISTRY}/"
FILE = f"/files/{REGISTRY}/demo-pkg/{WHEEL.filename}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry(make_project("demo-pkg", WHEEL))


@pytest.fixture
def app(registry: FakeRegistry, clock: Clock) -> ASGIApp:
    return create_app(Services(CachedRegistry(registry, lifetimes=Lifetimes(fresh=5), clock=clock), FakeGateways()))


def test_within_its_freshness_a_page_comes_from_memory(app: ASGIApp, registry: FakeRegistry, clock: Clock) -> None:
    first = request(app, PAGE)
    clock.now += 4.9
    assert request(app, PAGE) == first
    assert registry.calls == 1
    clock.now += 0.2
    request(app, PAGE)
    assert registry.calls == 2


@pytest.mark.parametrize(
    "failure", [RpcError("http://rpc.example timed out\r\n\u2028é"), MalformedLog("does not verify")]
)
@pytest.mark.parametrize("path", [PAGE, LIST])
def test_the_last_known_good_page_says_that_it_is(
    app: ASGIApp, registry: FakeRegistry, clock: Clock, failure: Exception, path: str
) -> None:
    fresh = request(app, path)
    registry.failure = failure  # type: ignore[assignment]
    clock.now += 100
    stale = request(app, path)
    assert (stale.status, stale.body, stale.headers["etag"]) == (200, fresh.body, fresh.headers["etag"])
    assert stale.headers["age"] == "100"
    assert stale.headers["x-dipmp-stale"] == "the chain could not be asked"
    again = request(app, path, {"if-none-match": stale.headers["etag"]})
    assert (again.status, again.headers["age"]) == (304, "100")
    assert "x-dipmp-stale" not in fresh.headers
    registry.failure = None
    clock.now += 2
    assert "x-dipmp-stale" not in request(app, path).headers


def test_files_keep_working(app: ASGIApp, registry: FakeRegistry, clock: Clock) -> None:
    assert request(app, FILE).status == 302
    registry.failure = RpcError("down")
    clock.now += 100
    assert request(app, FILE).status == 302


def test_without_one_it_is_503_and_never_404(app: ASGIApp, registry: FakeRegistry) -> None:
    registry.failure = RpcError("down")
    answer = request(app, PAGE)
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert json.loads(answer.body)["code"] == "rpc-error"


def test_absence_is_remembered_briefly(app: ASGIApp, registry: FakeRegistry, clock: Clock) -> None:
    for _ in range(3):
        assert request(app, f"/simple/{REGISTRY}/later/").status == 404
    assert registry.calls == 1
    registry.put(make_project("later"))
    clock.now += 3
    assert request(app, f"/simple/{REGISTRY}/later/").status == 200
