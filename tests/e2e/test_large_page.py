"""A project with more files than a Lambda function can list: the real envelope and limit, and a client that follows."""

import requests

from dipmp_lib.model.chains import ChainIds
from dipmp_lib.registry import CachedRegistry, Lifetimes
from dipmp_lib.server.app import create_app
from dipmp_lib.server.aws_lambda import lambda_handler
from dipmp_lib.server.large_pages import LAMBDA_LIMIT, LargePages
from dipmp_lib.server.services import Services
from tests.support.aws.api_gateway import ApiGateway
from tests.support.fakes.object_store import MemoryObjects
from tests.support.fakes.registry import REGISTRY, FakeGateways, FakeRegistry, make_file, make_project
from tests.support.faulty.fault_proxy import FaultProxy
from tests.support.waiting import HANGS

FILES = 46_000


def test_a_page_of_46_000_wheels_reaches_its_client_through_the_redirect() -> None:
    page = make_project("huge", *(make_file(f"huge-1.{n}-py3-none-any.whl", f"1.{n}") for n in range(FILES)))
    objects = MemoryObjects()
    with FaultProxy(objects.answer) as bucket:
        large = LargePages(objects, bucket.url, "https://index.example", ChainIds(8453))
        services = Services(
            CachedRegistry(FakeRegistry(page), lifetimes=Lifetimes(fresh=600)), FakeGateways(), large=large
        )
        unlimited = lambda_handler(create_app(services, ["simple"]))
        limited = lambda_handler(create_app(services, ["simple"], max_response=LAMBDA_LIMIT))
        headers = {"Accept": "application/vnd.pypi.simple.v1+json", "Accept-Encoding": "gzip"}
        path = f"/simple/{REGISTRY}/huge/"
        with ApiGateway({"/simple/": unlimited}) as gateway:
            assert requests.get(gateway.url + path, headers=headers, timeout=HANGS).status_code == 500
        with ApiGateway({"/simple/": limited}) as gateway:
            before = requests.get(gateway.url + path, headers=headers, timeout=HANGS)
            assert (before.status_code, before.json()["code"]) == (503, "page-too-large")
            assert large.write(page)
            answer = requests.get(gateway.url + path, headers=headers, timeout=HANGS)
    assert [each.status_code for each in (*answer.history, answer)] == [302, 200]
    assert answer.headers["content-type"] == headers["Accept"]
    assert len(answer.json()["files"]) == FILES
    assert answer.json()["files"][-1]["url"].startswith("https://index.example/files/")
