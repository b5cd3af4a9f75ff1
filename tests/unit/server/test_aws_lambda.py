"""The application as a Lambda function: stages, text and base64, and faults."""

import gzip
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pytest

from dipmp_lib.server.app import create_app
from dipmp_lib.server.aws_lambda import lambda_handler
from tests.support.aws.api_gateway import CONTEXT, ApiGateway, Handler, event_loop, to_event
from tests.support.fakes.registry import (
    REGISTRY,
    FakeRegistry,
    make_file,
    make_project,
    make_services,
    metadata_of,
)
from tests.support.systems.one_project_app import APP, DEMO, ETAG, FILE, GZIP, JSON, PAGE, WHEEL, get


@pytest.fixture(scope="module", params=["$default", "prod"])
def lambda_url(request: pytest.FixtureRequest) -> Iterator[str]:
    with event_loop():
        handler = lambda_handler(APP)
    with ApiGateway({"/": handler}, stage=request.param) as gateway:
        yield gateway.url


def test_redirects_keep_the_stage(lambda_url: str) -> None:
    url = f"{lambda_url}/simple/{str(REGISTRY).lower()}/Demo_Pkg"
    answer = get(url + "?q=1")
    assert urljoin(url, answer.headers["location"]) == f"{lambda_url}{PAGE}?q=1"


def test_file_urls_keep_the_stage(lambda_url: str) -> None:
    page = get(lambda_url + PAGE, (JSON,))
    [file] = json.loads(page.body)["files"]
    assert urljoin(lambda_url + PAGE, file["url"]) == lambda_url + FILE
    assert get(lambda_url + FILE).status == 302
    assert get(lambda_url + FILE + ".metadata").body == metadata_of(WHEEL.filename)


@pytest.fixture
def handler() -> Handler:
    return lambda_handler(APP)


def event(path: str, *headers: tuple[str, str], stage: str = "$default", method: str = "GET") -> dict[str, Any]:
    return to_event(method, path, [("host", "api.example"), *headers], stage=stage)


def test_not_modified_keeps_its_content_type_through_mangum(handler: Handler) -> None:
    answer = handler(event(PAGE, JSON, ("If-None-Match", ETAG)), CONTEXT)
    assert answer["statusCode"] == 304
    assert answer["headers"]["content-type"] == "application/vnd.pypi.simple.v1+json"
    assert answer["headers"]["etag"] == ETAG


@pytest.mark.parametrize("accept", [JSON[1], "application/vnd.pypi.simple.v1+html", "text/html"])
def test_pages_are_text_for_lambda(handler: Handler, accept: str) -> None:
    answer = handler(event(PAGE, ("accept", accept)), CONTEXT)
    assert answer["isBase64Encoded"] is False
    assert "demo-pkg" in answer["body"]


def test_gzip_is_base64_for_lambda(handler: Handler) -> None:
    assert handler(event(PAGE, JSON, GZIP), CONTEXT)["isBase64Encoded"] is True


def test_a_problem_is_text_for_lambda(handler: Handler) -> None:
    answer = handler(event("/simple/0x12/"), CONTEXT)
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (404, False)


@pytest.mark.parametrize(
    ("path", "stage", "status"),
    [
        (PAGE, "$default", 200),
        (f"/prod{PAGE}", "prod", 200),
        (PAGE, "prod", 200),  # a custom domain: the stage is named, but not in the path
        (f"/prod{PAGE}", "$default", 404),
        (f"/production{PAGE}", "prod", 404),
        ("/prod", "prod", 404),
        (f"/prod/prod{PAGE}", "prod", 404),
    ],
)
def test_stages(handler: Handler, path: str, stage: str, status: int) -> None:
    assert handler(event(path, JSON, stage=stage), CONTEXT)["statusCode"] == status


def test_a_fault_is_500_through_lambda(monkeypatch: pytest.MonkeyPatch, handler: Handler) -> None:
    def broken(*_: object) -> bytes:
        raise ZeroDivisionError("secret detail")

    fresh = lambda_handler(create_app(make_services(FakeRegistry(DEMO))))
    monkeypatch.setattr("dipmp_lib.server.routes.simple.render_project", broken)
    answer = fresh(event(PAGE), CONTEXT)
    assert answer["statusCode"] == 500
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert "secret" not in answer["body"]


@pytest.mark.slow
def test_a_page_past_the_limit_of_lambda_fits_when_compressed() -> None:
    files = [make_file(f"big_pkg-{number}.0.zip", f"{number}.0", yanked="x" * 2048) for number in range(3_000)]
    app = create_app(make_services(FakeRegistry(make_project("big-pkg", *files))))
    path = f"/simple/{REGISTRY}/big-pkg/"
    with ApiGateway({"/simple/": lambda_handler(app)}) as gateway:
        assert get(gateway.url + path, (JSON,)).status == 500
        packed = get(gateway.url + path, (JSON, GZIP))
    assert packed.status == 200
    assert len(json.loads(gzip.decompress(packed.body))["files"]) == len(files)
