"""How far a request for a page goes: server, registry, ethereum, and then a pure render, done once."""

import sys
from itertools import groupby
from types import FrameType

import pytest

from dipmp_lib.registry import CachedRegistry, Lifetimes, MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry
from dipmp_lib.server.app import create_app
from dipmp_lib.server.services import Services
from tests.support.fakes.chain import ChainSimulator
from tests.support.fakes.registry import FakeGateways
from tests.support.programs.asgi import request

JSON = {"accept": "application/vnd.pypi.simple.v1+json"}
TOOLS = {"caching"}
"""Passes calls on within one component."""


def components() -> list[str]:
    """The parts of dipmp_lib that the present call has gone through, outermost first."""
    frame: FrameType | None = sys._getframe(1)
    names: list[str] = []
    while frame is not None:
        package, _, rest = frame.f_globals.get("__name__", "").partition(".")
        if package == "dipmp_lib":
            names.append(rest.partition(".")[0])
        frame = frame.f_back
    return [name for name, _ in groupby(name for name in reversed(names) if name not in TOOLS)]


@pytest.mark.parametrize("path", ["", "foo/"])
def test_a_cold_page_is_three_hops_and_a_warm_one_none(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sim = ChainSimulator()
    model = sim.deploy()
    sim.release(model, "foo", "foo-1.0.tar.gz")
    routes: list[list[str]] = []
    sim.before = lambda: routes.append(components())
    registry = CachedRegistry(
        ChainRegistry({"": Chain(sim, sim.chain_id)}, MemoryLogStore()), lifetimes=Lifetimes(fresh=60)
    )
    app = create_app(Services(registry, FakeGateways()))
    url = f"/simple/{sim.address_of(model)}/{path}"
    cold = request(app, url, JSON)
    assert cold.status == 200
    assert routes
    assert {tuple(route) for route in routes} == {("server", "registry", "ethereum")}
    routes.clear()
    rendered: list[str] = []
    monkeypatch.setattr("dipmp_lib.simple_api.render._json", lambda document: rendered.append("again"))
    assert request(app, url, JSON) == cold
    assert (routes, rendered) == ([], [])
