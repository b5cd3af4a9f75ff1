"""Fixtures of the server's tests: an event loop for Mangum, and a small index."""

from collections.abc import Iterator

import pytest
from starlette.types import ASGIApp

from tests.support.aws.api_gateway import event_loop
from tests.support.fakes.registry import FakeGateways, FakeRegistry
from tests.support.systems.small_index import demo_app, demo_gateways, demo_registry


@pytest.fixture(autouse=True)
def loop_for_mangum() -> Iterator[None]:
    with event_loop():
        yield


@pytest.fixture
def registry() -> FakeRegistry:
    return demo_registry()


@pytest.fixture
def gateways() -> FakeGateways:
    return demo_gateways()


@pytest.fixture
def app(registry: FakeRegistry, gateways: FakeGateways) -> ASGIApp:
    return demo_app(registry, gateways)
