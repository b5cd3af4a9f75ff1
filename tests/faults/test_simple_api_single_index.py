"""What `dipmp config` prints, used as it is: an outage ends the installation and never leads to another index.

X1 and X2 are the two ways in which an outage becomes a dependency confusion: pip goes on to the next index after any
error, uv after a 404. The other index has a package of the same name; it is also the clients' way to the world.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from dipmp_lib.simple_api.clients import parse_index, pip_conf, uv_toml
from tests.support.faulty.broken_index import PROJECT, RIGHT, broken_index
from tests.support.faulty.second_index import Twin, evil_twin
from tests.support.files.wheels import build_wheel
from tests.support.programs.clients import UV, Run, isolated_env, make_environment, run
from tests.support.programs.dipmp import SCRIPTS, program
from tests.support.programs.project_clients import NO_RETRIES, ProjectClient
from tests.support.systems.end_to_end import server_settings
from tests.support.waiting import HANGS

REGISTRY = "0xb9d99e1235FDA780bef7198cE2bb4321BBe8Fea6"
EVIL = "99"
pytestmark = pytest.mark.e2e


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[Twin]:
    """Another index, with a higher version of our package."""
    with evil_twin(build_wheel(tmp_path / "twin", PROJECT, EVIL)) as made:
        yield made


@pytest.fixture(scope="module")
def cold_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that has just been started and cannot reach its chain."""
    folder = tmp_path_factory.mktemp("cold")
    env = isolated_env(folder / "home") | server_settings("http://127.0.0.1:9", "http://127.0.0.1:9/ipfs")
    with program((SCRIPTS / "dipmp", "serve", "--port", "0", "--quiet"), env, folder / "serve.log") as origin:
        yield f"{origin}/simple/{REGISTRY}/"


def with_pip(version: str, folder: Path, index: str, extra: dict[str, str], *more: str) -> Run:
    """Install with pip, whose configuration is what we print."""
    environment = make_environment(folder, version)
    config = folder / "pip.conf"
    config.write_text(pip_conf(parse_index(index)))
    env = environment.env | extra | {"PIP_CONFIG_FILE": str(config)}
    options = ("install", "--disable-pip-version-check", "--no-input", *more)
    return run((environment.python, "-m", "pip", *options, PROJECT), env=env, cwd=folder)


def with_uv(folder: Path, index: str, extra: dict[str, str], *more: str, project: str = PROJECT) -> Run:
    """Install with uv, whose configuration is what we print."""
    environment = make_environment(folder, "uv")
    config = folder / "uv.toml"
    config.write_text(uv_toml(parse_index(index)))
    options = (
        "--config-file",
        config,
        "--cache-dir",
        folder / "cache",
        "pip",
        "install",
        "--python",
        environment.python,
    )
    return run((UV, *options, *more, project), env=environment.env | extra, cwd=folder)


def with_poetry(folder: Path, index: str, extra: dict[str, str]) -> Run:
    """Install with Poetry, whose source is what we print."""
    return ProjectClient(folder, "poetry", extra).install(index, PROJECT)


Installer = Callable[[Path, str, dict[str, str]], Run]
INSTALLERS: dict[str, Installer] = {
    "pip-newest": lambda folder, index, extra: with_pip("pip-newest", folder, index, extra),
    "pip-oldest": lambda folder, index, extra: with_pip("pip-oldest", folder, index, extra),
    "uv": with_uv,
    "poetry": with_poetry,
}


@pytest.mark.parametrize("client", INSTALLERS)
def test_the_printed_configuration_installs(client: str, twin: Twin, tmp_path: Path) -> None:
    with broken_index(tmp_path / "index", {}) as url:
        done = INSTALLERS[client](tmp_path / "client", url(RIGHT), twin.proxy_env)
    assert done.code == 0, done.text
    assert twin.requests == []


def refused(done: Run, twin: Twin) -> None:
    """Nothing was installed, and nobody else was asked."""
    assert done.code != 0, done.text
    assert f"{PROJECT}-{EVIL}" not in done.text, done.text
    assert f"{PROJECT}=={EVIL}" not in done.text, done.text
    assert twin.requests == [], twin.requests


def unavailable(index: str) -> None:
    """The server says that it does not know, which is not that there is nothing."""
    answer = requests.get(f"{index}{PROJECT}/", timeout=HANGS)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("client", ["pip-newest", "pip-oldest", "poetry"])
def test_X1_pip_outage(cold_index: str, client: str, twin: Twin, tmp_path: Path) -> None:
    unavailable(cold_index)
    refused(INSTALLERS[client](tmp_path / "client", cold_index, twin.proxy_env | NO_RETRIES), twin)


def test_X1_pip_with_a_second_index_takes_the_twin(cold_index: str, twin: Twin, tmp_path: Path) -> None:
    """What the single index is for: with two, the outage is an installation of the other package."""
    more = ("--extra-index-url", twin.index_url)
    done = with_pip("pip-newest", tmp_path / "client", cold_index, NO_RETRIES, *more)
    assert done.code == 0, done.text
    assert f"{PROJECT}-{EVIL}" in done.out, done.text


def test_X2_uv_404(cold_index: str, twin: Twin, tmp_path: Path) -> None:
    unavailable(cold_index)
    refused(with_uv(tmp_path / "client", cold_index, twin.proxy_env | NO_RETRIES), twin)


def test_X2_uv_with_a_second_index_stops_at_our_503(cold_index: str, twin: Twin, tmp_path: Path) -> None:
    """uv goes on after a 404 only, and an outage of the chain is none."""
    more = ("--default-index", twin.index_url, "--index", cold_index)
    refused(with_uv(tmp_path / "client", cold_index, twin.proxy_env | NO_RETRIES, *more), twin)


def test_X2_uv_with_a_second_index_takes_the_twin_after_a_404(tmp_path: Path) -> None:
    """The same command where our server proves absence: so the twin can be reached, and the 503 is what stops uv."""
    absent = "absent-pkg"
    with (
        broken_index(tmp_path / "index", {}) as url,
        evil_twin(build_wheel(tmp_path / "twin", absent, EVIL)) as other,
    ):
        more = ("--default-index", other.index_url, "--index", url(RIGHT))
        done = with_uv(tmp_path / "client", url(RIGHT), other.proxy_env, *more, project=absent)
    assert done.code == 0, done.text
    assert f"{absent}=={EVIL}" in done.text


@pytest.mark.parametrize("client", ["poetry", "pdm", "hatch"])
def test_without_our_configuration_clients_go_elsewhere(client: str, twin: Twin, tmp_path: Path) -> None:
    """So that no request at the twin means that there was none."""
    project = ProjectClient(tmp_path / "client", client, twin.proxy_env | NO_RETRIES)
    done = project.install("", PROJECT)
    assert done.code != 0, done.text
    assert twin.requests
