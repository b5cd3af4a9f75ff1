"""A community makes its own registry, and what its people say there is what pip and uv do."""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.files.wheels import build_wheel
from tests.support.programs.clients import Environment, make_environment
from tests.support.systems.end_to_end import World, create_registry

INSTALLERS = ("pip-newest", "uv")
_salts = itertools.count(1)


@pytest.fixture
def community(world: World) -> World:
    """The same world with a new, curated registry."""
    registry = create_registry(world.publish, "--curated", "--salt", str(next(_salts)))
    index = world.publish.index_url.replace(world.publish.registry, registry)
    return replace(world, publish=replace(world.publish, registry=registry, index_url=index))


def run(community: World, *args: str) -> None:
    done = community.publish.dipmp(*args, "--yes")
    assert done.returncode == 0, done.stderr


def installed_version(environment: Environment, community: World, server: str, requirement: str) -> str:
    done = environment.install(community.index_url(server), requirement)
    assert done.code == 0, done.text
    return environment.run(environment.python, "-c", "import grove; print(grove.VERSION)").out.strip()


def test_create_claim_publish_yank_unyank(community: World, tmp_path: Path) -> None:
    run(community, "project", "claim", "grove")
    done = community.publish("--yes", *[build_wheel(tmp_path, "grove", version) for version in ("1.0", "1.1")])
    assert done.returncode == 0, done.stderr

    def versions(step: str, requirement: str = "grove") -> set[str]:
        """Return the versions that fresh environments install, by every installer and server."""
        return {
            installed_version(
                make_environment(tmp_path / step / server / client, client), community, server, requirement
            )
            for server in community.servers
            for client in INSTALLERS
        }

    assert versions("published") == {"1.1"}
    run(community, "project", "yank", "grove", "1.1", "--reason", "eats files")
    assert versions("yanked") == {"1.0"}
    assert versions("pinned", "grove==1.1") == {"1.1"}  # who asks for exactly it still gets it (PEP 592)
    run(community, "project", "unyank", "grove", "1.1")
    assert versions("unyanked") == {"1.1"}


def test_an_archived_project_takes_no_release_and_installs_as_before(community: World, tmp_path: Path) -> None:
    done = community.publish("--yes", build_wheel(tmp_path, "grove", "1.0"))
    assert done.returncode == 0, done.stderr
    run(community, "project", "status", "grove", "archived", "--reason", "finished")
    done = community.publish("--yes", build_wheel(tmp_path, "grove", "1.1"))
    assert done.returncode == 1
    assert "error: grove is archived (finished), so nothing can be published to it" in done.stderr
    environment = make_environment(tmp_path / "client", "pip-newest")
    assert installed_version(environment, community, "uvicorn", "grove") == "1.0"
