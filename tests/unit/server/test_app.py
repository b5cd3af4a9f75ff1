"""One application: called directly, under uvicorn, and as a Lambda function behind an HTTP API."""

from collections.abc import Iterator

import pytest

from dipmp_lib.http.listen import listen
from dipmp_lib.server.aws_lambda import lambda_handler
from dipmp_lib.server.uvicorn import background
from tests.support.aws.api_gateway import ApiGateway, Handler, event_loop
from tests.support.fakes.registry import (
    REGISTRY,
)
from tests.support.systems.one_project_app import APP, BROKEN, ETAG, FILE, GZIP, JSON, PAGE, WHEEL, get

BROWSER = ("Accept", "text/html,*/*;q=0.8")


@pytest.fixture(scope="module")
def uvicorn_url() -> Iterator[str]:
    with background(APP, listen("127.0.0.1", 0)) as url:
        yield url


@pytest.fixture(scope="module", params=["$default", "prod"])
def lambda_url(request: pytest.FixtureRequest) -> Iterator[str]:
    with event_loop():
        handler = lambda_handler(APP)
    with ApiGateway({"/": handler}, stage=request.param) as gateway:
        yield gateway.url


CASES: list[tuple[str, tuple[tuple[str, str], ...]]] = [
    (PAGE, ()),
    (PAGE, (JSON,)),
    (PAGE, (JSON, GZIP)),
    (PAGE, (("Accept", "text/html;q=0.1"), JSON)),
    (PAGE, (JSON, ("If-None-Match", ETAG))),
    (PAGE, (JSON, ("If-None-Match", '"a"'), ("If-None-Match", f"W/{ETAG}"))),
    (f"/simple/{REGISTRY}/", (JSON,)),
    (f"/simple/{str(REGISTRY).lower()}/Demo_Pkg?x=%20y&z", ()),
    (f"/simple/{REGISTRY}/none/", ()),
    ("/simple/0x12/", ()),
    (f"/simple/{BROKEN}/demo-pkg/", ()),
    (f"/simple/{REGISTRY}/%3Cscript%3E/", ()),
    (FILE, ()),
    (FILE.replace("%2B", "+").replace("%21", "!"), ()),
    (f"{FILE}.metadata", ()),
    (f"{FILE}.metadata", (("If-None-Match", f'"{(WHEEL.metadata_sha256 or b"").hex()}"'),)),
    ("/healthz", ()),
    ("/", ()),
    (f"/?registry={str(REGISTRY).lower()}", ()),
    (f"/registry/{REGISTRY}/?q=demo", (GZIP,)),
    (f"/project/{REGISTRY}/demo-pkg/", ()),
    (f"/project/{str(REGISTRY).lower()}/Demo_Pkg", ()),
    (f"/project/{REGISTRY}/none/", (BROWSER,)),
    ("/nothing", (BROWSER,)),
]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
@pytest.mark.parametrize(("path", "headers"), CASES)
def test_every_door_gives_the_same_answer(
    uvicorn_url: str, lambda_url: str, path: str, headers: tuple[tuple[str, str], ...], method: str
) -> None:
    served = get(uvicorn_url + path, headers, method)
    through_lambda = get(lambda_url + path, headers, method)
    assert through_lambda == served


@pytest.fixture
def handler() -> Handler:
    return lambda_handler(APP)
