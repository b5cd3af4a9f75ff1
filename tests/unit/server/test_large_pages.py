"""Large pages: what a body takes of a response, what is stored, and clients that follow the redirects."""

import base64
import json
from collections.abc import Iterator

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.model.chains import ChainIds
from dipmp_lib.model.names import ProjectName
from dipmp_lib.model.pages import Project, ProjectList
from dipmp_lib.registry import CachedRegistry, Lifetimes
from dipmp_lib.server.app import create_app
from dipmp_lib.server.aws_lambda import lambda_handler
from dipmp_lib.server.large_pages import LargePages, lambda_size
from dipmp_lib.server.services import Services
from dipmp_lib.simple_api import Format, render_list, render_project
from tests.support.aws.api_gateway import ApiGateway
from tests.support.fakes.object_store import MemoryObjects
from tests.support.fakes.registry import REGISTRY, FakeGateways, FakeRegistry, make_file, make_project
from tests.support.faulty.fault_proxy import FaultProxy
from tests.support.waiting import HANGS

pytestmark = pytest.mark.slow

HOST, CHAIN_ID = "https://index.example", 8453
PAGE, LIST = f"/simple/{REGISTRY}/huge/", f"/simple/{REGISTRY}/"
ACCEPTS = {Format.JSON: "application/vnd.pypi.simple.v1+json", Format.TEXT_HTML: "text/html"}
KEY = f"pages/{CHAIN_ID}/0x{REGISTRY.address.hex()}/huge"
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


@given(st.text())
def test_a_text_takes_what_its_json_takes(text: str) -> None:
    body = text.encode("utf-8", "replace")
    answer = {"statusCode": 200, "headers": {}, "body": body.decode(), "isBase64Encoded": False}
    assert lambda_size(body, binary=False) >= len(json.dumps(answer))


@given(st.binary())
def test_bytes_take_what_their_base64_takes(body: bytes) -> None:
    answer = {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    assert len(json.dumps(answer)) <= lambda_size(body, binary=True) <= len(json.dumps(answer)) + 10_000


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
@pytest.mark.parametrize("fmt", ACCEPTS)
def test_clients_that_follow_the_redirect_get_the_page_with_absolute_urls(
    objects: MemoryObjects, large: LargePages, fmt: Format, encoding: str
) -> None:
    page = project(3000)
    assert large.write(page, LIMIT)
    assert set(objects.objects) == {f"{KEY}/{f.name.lower()}{end}" for f in Format for end in ("", ".gz")}
    headers = {"Accept": ACCEPTS[fmt], "Accept-Encoding": encoding}
    handler = lambda_handler(create_app(services(page, large), ["simple"], max_response=LIMIT))
    with ApiGateway({"/simple/": handler}, stage="prod") as gateway:
        first = requests.get(gateway.url + PAGE, headers=headers, allow_redirects=False, timeout=HANGS)
        followed = requests.get(gateway.url + PAGE, headers=headers, timeout=HANGS)
    assert (first.status_code, first.content) == (302, b"")
    assert first.headers["vary"] == "Accept, Accept-Encoding"
    assert first.headers["cache-control"] == "public, max-age=0, s-maxage=30"
    assert followed.status_code == 200
    assert followed.headers["content-type"] == fmt.content_type
    assert followed.headers.get("content-encoding", "identity") == encoding
    assert followed.content == render_project(page, fmt, f"{HOST}/")
    assert f"{HOST}/files/{REGISTRY}/huge/huge-1.7-py3-none-any.whl" in followed.text
    assert "../" not in followed.text


def test_a_list_of_projects_may_be_large_too(objects: MemoryObjects, large: LargePages) -> None:
    names = tuple(ProjectName(f"project-{n}") for n in range(5000))
    page = ProjectList(registry=REGISTRY, head=bytes(32), count=5000, names=names)
    assert large.write(page, 10_000)
    text = objects.objects[f"pages/{CHAIN_ID}/0x{REGISTRY.address.hex()}/_/text_html"][0].decode()
    assert f'href="{HOST}/simple/{REGISTRY}/project-77/"' in text
    assert text.encode() == render_list(page, Format.TEXT_HTML, f"{HOST}/")
