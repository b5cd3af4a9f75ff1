"""The index for programs: project pages and the list, and one slow registry among others."""

import anyio
from starlette.types import ASGIApp

from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.model.pages import Project, ProjectList
from dipmp_lib.server.app import create_app
from dipmp_lib.simple_api import Format, render_list, render_project
from tests.support.fakes.registry import (
    REGISTRY,
    FakeRegistry,
    make_project,
    make_services,
)
from tests.support.programs.asgi import Answer, arequest, request
from tests.support.systems.small_index import DEMO, JSON, PAGE
from tests.support.waiting import HANGS, until

PAGE_CACHING = "public, max-age=0, s-maxage=40, stale-while-revalidate=20"


def test_project_page_in_json(app: ASGIApp) -> None:
    answer = request(app, PAGE, JSON)
    assert answer.status == 200
    assert answer.body == render_project(DEMO, Format.JSON)
    assert answer.headers["content-type"] == "application/vnd.pypi.simple.v1+json"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    assert answer.headers["cache-control"] == PAGE_CACHING
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "content-encoding" not in answer.headers
    assert "age" not in answer.headers


def test_list(app: ASGIApp, registry: FakeRegistry) -> None:
    answer = request(app, f"/simple/{REGISTRY}/", JSON)
    assert answer.body == render_list(registry.project_list(REGISTRY), Format.JSON)
    assert answer.headers["cache-control"] == PAGE_CACHING


def test_a_slow_registry_does_not_hold_up_another(registry: FakeRegistry) -> None:
    slow, other = FakeRegistry(DEMO), RegistryAddress(b"\7" * 20)
    slow.put(make_project("six", registry=other))
    app = create_app(make_services(Split(slow, registry, other)))
    slow.gate.clear()

    async def both() -> Answer:
        async with anyio.create_task_group() as group:
            for _ in range(60):
                group.start_soon(arequest, app, f"/simple/{other}/six/")
            await until(lambda: slow.calls)
            with anyio.fail_after(HANGS):
                answer = await arequest(app, PAGE)
            slow.gate.set()
        return answer

    assert anyio.run(both).status == 200


class Split:
    """One registry for one address, another for the rest."""

    def __init__(self, slow: FakeRegistry, fast: FakeRegistry, address: RegistryAddress) -> None:
        self.slow, self.fast, self.address = slow, fast, address

    def project(self, registry: RegistryAddress, name: ProjectName) -> Project:
        return self._of(registry).project(registry, name)

    def project_list(self, registry: RegistryAddress) -> ProjectList:
        return self._of(registry).project_list(registry)

    def _of(self, registry: RegistryAddress) -> FakeRegistry:
        return self.slow if registry == self.address else self.fast
