"""The health route: alive, asking nothing, with the events of the last minutes."""

import json

import pytest
from starlette.types import ASGIApp

from dipmp_lib.server.app import create_app
from dipmp_lib.server.services import Services
from dipmp_lib.telemetry import Event
from tests.support.fakes.registry import FakeRegistry, make_services
from tests.support.programs.asgi import request


@pytest.fixture
def services(registry: FakeRegistry) -> Services:
    return make_services(registry)


@pytest.fixture
def app(services: Services) -> ASGIApp:
    return create_app(services)


def test_health(app: ASGIApp, registry: FakeRegistry) -> None:
    answer = request(app, "/healthz")
    assert (answer.status, json.loads(answer.body)["status"]) == (200, "ok")
    assert registry.calls == 0


def test_health_says_what_went_wrong_and_asks_nobody(app: ASGIApp, registry: FakeRegistry, services: Services) -> None:
    assert json.loads(request(app, "/healthz").body) == {"status": "ok", "recent": {}}
    services.counts.tell(Event.DENIED)
    assert json.loads(request(app, "/healthz").body) == {"status": "ok", "recent": {"Denied": 1}}
    services.counts.tell(Event.RPC_FAILED)
    answer = request(app, "/healthz")
    assert (answer.status, json.loads(answer.body)["status"]) == (200, "degraded")
    assert registry.calls == 0
