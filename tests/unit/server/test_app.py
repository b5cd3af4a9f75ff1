"""One application: called directly, under uvicorn, and as a Lambda function behind an HTTP API."""

import http.client
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import pytest

from dipmp_lib.http.listen import listen
from dipmp_lib.model.names import RegistryAddress
from dipmp_lib.server.app import create_app
from dipmp_lib.server.aws_lambda import lambda_handler
from dipmp_lib.server.uvicorn import background
from tests.support.aws.api_gateway import ApiGateway, Handler, event_loop
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
from tests.support.waiting import HANGS

WHEEL = make_file("demo_pkg-1!1.0+local-py3-none-any.whl", "1!1.0+local", b"wheel")
DEMO = make_project("demo-pkg", WHEEL)
BROKEN = RegistryAddress(b"\x11" * 20)
PAGE = f"/simple/{REGISTRY}/demo-pkg/"
FILE = f"/files/{REGISTRY}/demo-pkg/{quote(WHEEL.filename)}"
JSON = ("Accept", "application/vnd.pypi.simple.v1+json")
BROWSER = ("Accept", "text/html,*/*;q=0.8")
GZIP = ("Accept-Encoding", "gzip")
INDEX = FakeRegistry(DEMO, unreachable=[BROKEN])
APP = create_app(make_services(INDEX, FakeGateways("https://g.example/ipfs", metadata_of(WHEEL.filename))))
ETAG = request(APP, PAGE, dict([JSON])).headers["etag"]
_OWN = ("date", "server", "x-request-id")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def get(url: str, headers: tuple[tuple[str, str], ...] = (), method: str = "GET") -> Answer:
    """Send one request over a socket; the headers that differ from answer to answer are left out."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=HANGS)
    try:
        connection.putrequest(method, urlsplit(url)._replace(scheme="", netloc="").geturl(), skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    names = {name.lower(): value for name, value in answer.getheaders()}
    return Answer(answer.status, {name: value for name, value in names.items() if name not in _OWN}, body)


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
