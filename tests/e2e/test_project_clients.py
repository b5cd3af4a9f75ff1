"""Poetry, pdm and hatch: each resolves, locks and installs a small closure from our index and from nowhere else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.faulty.broken_index import PROJECT, RIGHT, broken_index
from tests.support.faulty.second_index import Twin, evil_twin
from tests.support.files.wheels import build_wheel
from tests.support.programs.project_clients import KINDS, NO_RETRIES, ProjectClient
from tests.support.systems.end_to_end import World

CLOSURE = ("requests", "idna", "certifi", "urllib3", "charset_normalizer")


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Twin]:
    """All that is not on loopback: it has idna, too."""
    with evil_twin(build_wheel(tmp_path / "twin", "idna", "99")) as twin:
        yield twin


@pytest.mark.parametrize("client", KINDS)
def test_lock_install_and_import(published: World, server: str, client: str, outside: Twin, tmp_path: Path) -> None:
    project = ProjectClient(tmp_path / "project", client, outside.proxy_env)
    index = published.index_url(server)
    done = project.install(index, "requests")
    assert done.code == 0, done.text
    imported = project.python(f"import sys, {', '.join(CLOSURE)}; print(requests.__version__)")
    assert imported.out.strip().endswith("2.34.2"), imported.text
    assert outside.requests == []
    if client == "poetry":
        assert f'url = "{index.rstrip("/")}"' in project.locked
    if client == "pdm":
        assert project.locked.count(f'url = "{published.servers[server]}/files/') >= len(CLOSURE)


@pytest.mark.parametrize("client", KINDS)
def test_nothing_is_installed_when_our_server_is_down(client: str, outside: Twin, tmp_path: Path) -> None:
    extra = outside.proxy_env | NO_RETRIES
    with broken_index(tmp_path / "index", {}) as url:
        index = url(RIGHT)
        done = ProjectClient(tmp_path / "up", client, extra).install(index, PROJECT)
        assert done.code == 0, done.text
    done = ProjectClient(tmp_path / "down", client, extra).install(index, PROJECT)
    assert done.code != 0, done.text
    assert outside.requests == []
