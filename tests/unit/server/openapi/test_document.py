"""The OpenAPI document: it names the routes that there are, and the server does what it says (schemathesis)."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.routing import Route

from dipmp_lib.http.listen import listen
from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.server.app import create_app
from dipmp_lib.server.openapi import openapi_document
from dipmp_lib.server.uvicorn import background
from tests.support.exploring import examples
from tests.support.fakes.registry import (
    REGISTRY,
    FakeGateways,
    FakeRegistry,
    make_file,
    make_project,
    make_services,
    metadata_of,
)

pytestmark = pytest.mark.slow

WHEEL = make_file("demo_pkg-1.0-py3-none-any.whl", "1.0")
SDIST = make_file("demo_pkg-1.0.tar.gz", "1.0")
BROKEN = RegistryAddress(b"\x11" * 20)
SEEDS: dict[str, tuple[str, ...]] = {
    "registry": (str(REGISTRY), str(REGISTRY).lower(), str(BROKEN), "base:" + str(REGISTRY), "0x" + "22" * 20),
    "project": ("demo-pkg", "Demo_Pkg", "none"),
    "filename": (WHEEL.filename, SDIST.filename, "other-1.0.zip"),
}


def make_app() -> FastAPI:
    registry = FakeRegistry(make_project("demo-pkg", WHEEL, SDIST), unreachable=[BROKEN])
    return create_app(make_services(registry, FakeGateways("https://g.example/ipfs", metadata_of(WHEEL.filename))))


def test_it_names_the_routes_that_there_are() -> None:
    routes = {(route.path, frozenset(route.methods or ())) for route in _api_routes(make_app())}
    documented = {
        (path, frozenset(method.upper() for method in methods))
        for path, methods in openapi_document("1")["paths"].items()
    }
    aliases = {(f"{path}.metadata", methods) for path, methods in routes if path.endswith("{filename}")}
    assert documented == routes | aliases


def _api_routes(app: FastAPI) -> Iterator[Route]:
    """Routes for programs, each at its canonical path."""
    for included in app.routes:
        for route in getattr(included, "original_router", app).routes:
            if isinstance(route, Route) and route.include_in_schema:
                yield route


def test_identifiers_are_unique() -> None:
    found = [item["operationId"] for path in openapi_document("1")["paths"].values() for item in path.values()]
    assert len(set(found)) == len(found)


@pytest.fixture(scope="module")
def api() -> Iterator[schemathesis.BaseSchema]:
    with background(make_app(), listen("127.0.0.1", 0)) as url:
        loaded = schemathesis.openapi.from_url(f"{url}/openapi.json")
        loaded.hook("map_path_parameters")(_known)
        yield loaded


def _known(_context: object, parameters: dict[str, Any] | None) -> dict[str, Any]:
    """Put names that exist in the place of most that are made up, or nothing but 404 would be tried."""
    chosen = dict(parameters or {})
    for name, text in (parameters or {}).items():
        seed = sum(map(ord, str(text)))
        if seed % 4:
            chosen[name] = SEEDS[name][seed % len(SEEDS[name])]
    return chosen


CHECKS = (status_code_conformance, content_type_conformance, response_schema_conformance)
OPERATIONS = [(method, path) for path, methods in openapi_document("1")["paths"].items() for method in methods]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_status_or_body_is_undocumented(api: schemathesis.BaseSchema, method: str, path: str) -> None:
    @given(api[path][method].as_strategy())
    @settings(max_examples=examples(60), suppress_health_check=list(HealthCheck))
    def check(case: "schemathesis.Case[Any]") -> None:
        answer = case.call()
        case.validate_response(answer, checks=list(CHECKS))
        assert answer.status_code not in (500, 501, 504)

    check()


def test_names_that_exist_are_asked_for() -> None:
    chosen = [_known(None, {"registry": chr(i), "project": chr(i)}) for i in range(40)]
    assert {item["registry"] for item in chosen} > set(SEEDS["registry"])
    assert ProjectName("demo-pkg") in {item["project"] for item in chosen}
