"""Pages that Lambda cannot return: redirects to stored pages, and problems where none is stored."""

import json
from collections.abc import Iterator

import pytest

from dipmp_lib.errors import RpcError
from dipmp_lib.model.chains import ChainIds
from dipmp_lib.model.pages import Project
from dipmp_lib.registry import CachedRegistry, Lifetimes
from dipmp_lib.server.app import create_app
from dipmp_lib.server.large_pages import LargePages
from dipmp_lib.server.services import Services
from tests.support.fakes.object_store import MemoryObjects
from tests.support.fakes.registry import REGISTRY, FakeGateways, FakeRegistry, make_file, make_project
from tests.support.faulty.fault_proxy import FaultProxy
from tests.support.programs.asgi import request

pytestmark = pytest.mark.slow

HOST, CHAIN_ID = "https://index.example", 8453


PAGE, LIST = f"/simple/{REGISTRY}/huge/", f"/simple/{REGISTRY}/"


LIMIT = 200_000
"""Enough for a project of these tests to be large with few files."""


def project(files: int) -> Project:
    return make_project("huge", *(make_file(f"huge-1.{n}-py3-none-any.whl", f"1.{n}") for n in range(files)))


@pytest.fixture
def objects() -> MemoryObjects:
    return MemoryObjects()


@pytest.fixture
def bucket(objects: MemoryObjects) -> Iterator[FaultProxy]:
    with FaultProxy(objects.answer) as server:
        yield server


@pytest.fixture
def large(objects: MemoryObjects, bucket: FaultProxy) -> LargePages:
    return LargePages(objects, bucket.url, HOST, ChainIds(CHAIN_ID))


def services(page: Project, large: LargePages | None) -> Services:
    return Services(CachedRegistry(FakeRegistry(page), lifetimes=Lifetimes(fresh=60)), FakeGateways(), large=large)


def test_a_page_that_fits_is_answered_and_not_written(objects: MemoryObjects, large: LargePages) -> None:
    page = project(20)
    app = create_app(services(page, large), max_response=LIMIT)
    assert request(app, PAGE).status == 200
    assert not large.write(page, LIMIT)
    assert objects.asked == []


def test_without_a_limit_no_page_is_too_large(large: LargePages) -> None:
    assert request(create_app(services(project(2000), large)), PAGE).status == 200


def test_what_was_not_written_yet_is_503_and_not_a_redirect_to_nothing(
    objects: MemoryObjects, large: LargePages
) -> None:
    app = create_app(services(project(3000), large), max_response=LIMIT)
    for _ in range(2):
        answer = request(app, PAGE)
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert json.loads(answer.body)["code"] == "page-too-large"
    objects.down = True
    assert request(app, PAGE).status == 503
    objects.down = False
    large.write(project(3000), LIMIT)
    assert request(app, PAGE).status == 302
    objects.down = True
    assert request(app, PAGE).status == 302  # it was there, and is never taken away
    assert request(app, PAGE, method="HEAD").status == 302


def test_without_a_bucket_the_problem_says_how_large_and_what_can_be_done() -> None:
    answer = request(create_app(services(project(3000), None), max_response=LIMIT), PAGE)
    told = json.loads(answer.body)
    assert (answer.status, told["code"]) == (503, "page-too-large")
    assert "200,000" in told["detail"]
    assert "DIPMP_PAGES_URL" in told["hint"]


def test_a_client_that_has_the_page_need_not_follow(large: LargePages) -> None:
    page = project(3000)
    whole = request(create_app(services(page, large)), PAGE)
    large.write(page, LIMIT)
    app = create_app(services(page, large), max_response=LIMIT)
    assert request(app, PAGE, {"if-none-match": whole.headers["etag"]}).status == 304


def test_a_redirect_to_a_page_that_cannot_be_checked_says_so(large: LargePages) -> None:
    page = project(3000)
    large.write(page, LIMIT)
    registry, now = FakeRegistry(page), [1000.0]
    cached = CachedRegistry(registry, lifetimes=Lifetimes(fresh=1), clock=lambda: now[0])
    app = create_app(Services(cached, FakeGateways(), large=large), max_response=LIMIT)
    assert "age" not in request(app, PAGE).headers
    registry.failure = RpcError("down")
    now[0] += 50
    answer = request(app, PAGE)
    assert (answer.status, answer.headers["age"]) == (302, "50")
