"""A registry in memory with two projects, and an application that serves it."""

from starlette.types import ASGIApp

from dipmp_lib.server.app import create_app
from tests.support.fakes.registry import (
    REGISTRY,
    FakeGateways,
    FakeRegistry,
    make_file,
    make_project,
    make_services,
    metadata_of,
)

WHEEL = make_file("demo_pkg-1!1.0+local-py3-none-any.whl", "1!1.0+local", b"wheel")
SDIST = make_file("demo_pkg-1.0.tar.gz", "1.0", size=2**21)
DEMO = make_project("demo-pkg", WHEEL, SDIST)
PAGE = f"/simple/{REGISTRY}/demo-pkg/"
FILE = f"/files/{REGISTRY}/demo-pkg/{WHEEL.filename}"
JSON = {"accept": "application/vnd.pypi.simple.v1+json"}


def demo_registry() -> FakeRegistry:
    """Return the registry with DEMO and `six`."""
    return FakeRegistry(DEMO, make_project("six", make_file("six-1.16.0-py2.py3-none-any.whl", "1.16.0")))


def demo_gateways() -> FakeGateways:
    """Return gateways that have the METADATA of WHEEL."""
    return FakeGateways("https://gateway.example/ipfs", metadata_of(WHEEL.filename))


def demo_app(registry: FakeRegistry, gateways: FakeGateways) -> ASGIApp:
    """Return the application; it asks the registry with each request."""
    return create_app(make_services(registry, gateways))
