"""Systems of the whole session, with real packages published in them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.files.real_dists import locked_dists
from tests.support.programs.clients import Environment, make_environment
from tests.support.systems.end_to_end import SERVERS, WORLDS, World

CLIENTS = ("pip-newest", "pip-oldest", "uv")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def dists() -> tuple[Path, ...]:
    """The demo's third-party packages, as their authors published them."""
    return locked_dists("demo")


@pytest.fixture(scope="session", params=WORLDS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A system with an empty registry."""
    with WORLDS[request.param](tmp_path_factory.mktemp(request.param)) as made:
        yield made


@pytest.fixture(scope="session")
def published(world: World, dists: tuple[Path, ...]) -> World:
    """The same system, with the packages published."""
    done = world.publish("--yes", "--json", *dists)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)
    return world


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> str:
    """The name of one of the two servers."""
    return str(request.param)


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Environment:
    """A fresh environment with one client."""
    return make_environment(tmp_path / "client", request.param)


@pytest.fixture
def pip(tmp_path: Path) -> Environment:
    """A fresh environment with the newest pip."""
    return make_environment(tmp_path / "pip", "pip-newest")


@pytest.fixture
def uv(tmp_path: Path) -> Environment:
    """A fresh environment for uv."""
    return make_environment(tmp_path / "uv", "uv")
