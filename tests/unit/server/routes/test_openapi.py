"""The route of the OpenAPI document."""

import json

from fastapi import FastAPI

from dipmp_lib.model.names import RegistryAddress
from dipmp_lib.server.app import create_app
from tests.support.fakes.registry import (
    FakeGateways,
    FakeRegistry,
    make_file,
    make_project,
    make_services,
    metadata_of,
)
from tests.support.programs.asgi import request

WHEEL = make_file("demo_pkg-1.0-py3-none-any.whl", "1.0")


SDIST = make_file("demo_pkg-1.0.tar.gz", "1.0")


BROKEN = RegistryAddress(b"\x11" * 20)


def make_app() -> FastAPI:
    registry = FakeRegistry(make_project("demo-pkg", WHEEL, SDIST), unreachable=[BROKEN])
    return create_app(make_services(registry, FakeGateways("https://g.example/ipfs", metadata_of(WHEEL.filename))))


def test_it_is_served() -> None:
    answer = request(make_app(), "/openapi.json")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert json.loads(answer.body)["openapi"] == "3.1.0"
    assert "openapi.json" not in str(
        request(create_app(make_services(FakeRegistry()), ["files"]), "/openapi.json").body
    )
