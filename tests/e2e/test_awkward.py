"""Names and versions that break naive indexes, published and installed back."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from eth_account import Account
from web3 import HTTPProvider, Web3

from dipmp_lib.distributions import read_distributions
from dipmp_lib.ethereum.abi import package_index
from dipmp_lib.log.entries import FileRecord, Release
from dipmp_lib.log.payload import encode_release
from tests.support.files.wheels import build_sdist, build_wheel
from tests.support.programs.clients import make_environment
from tests.support.systems.end_to_end import World, anvil_world
from tests.support.waiting import HANGS

JSON = "application/vnd.pypi.simple.v1+json"
TAGS = [f"cp3{minor}-cp3{minor}-{platform}" for minor in range(9, 15) for platform in (
    "manylinux2014_x86_64.manylinux_2_17_x86_64", "musllinux_1_2_aarch64", "macosx_11_0_arm64", "win_amd64"
)]  # fmt: skip
AWKWARD = {
    "zope.interface": ("8.1", "zope-interface"),
    "ruamel.yaml": ("0.18.16", "ruamel-yaml"),
    "PyYAML": ("6.0.3", "pyyaml"),
    "epochal": ("1!2.0", "epochal"),
    "prepost": ("1.0rc1.post2.dev3", "prepost"),
    "localver": ("1.0+ubuntu.1", "localver"),
    "Under_Score": ("2", "under-score"),
}


def awkward_files(folder: Path) -> list[Path]:
    """Wheels and sdists with the names of real projects and other bytes."""
    files = [build_wheel(folder, name, version) for name, (version, _) in AWKWARD.items()]
    files.append(build_sdist(folder, "zope.interface", "8.1"))
    files.append(build_wheel(folder, "buildtag", "1.0", build="2"))
    return files


@pytest.fixture(scope="module")
def awkward(world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world with the awkward files published."""
    done = world.publish("--yes", "--lenient", "--json", *awkward_files(tmp_path_factory.mktemp("awkward")))
    assert done.returncode == 0, done.stderr
    return world


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_names_and_versions(awkward: World, server: str, tmp_path: Path, name: str) -> None:
    version, normal = AWKWARD[name]
    index = awkward.index_url(server)
    for client in ("pip-newest", "uv"):
        environment = make_environment(tmp_path / client, client)
        done = environment.install(index, f"{name}=={version}", "--no-deps")
        assert done.code == 0, done.text
    document = requests.get(f"{index}{normal}/", headers={"Accept": JSON}, timeout=HANGS).json()
    assert document["name"] == normal
    assert document["versions"] == [version]


def test_a_build_tag(awkward: World, server: str, tmp_path: Path) -> None:
    environment = make_environment(tmp_path / "pip", "pip-newest")
    done = environment.install(awkward.index_url(server), "buildtag", "-vv")
    assert done.code == 0, done.text
    assert "buildtag-1.0-2-py3-none-any.whl" in done.text


def test_a_name_that_is_not_normal_is_redirected(awkward: World, server: str) -> None:
    answer = requests.get(f"{awkward.index_url(server)}Zope.Interface", timeout=HANGS)
    assert [step.status_code for step in answer.history]
    assert all(step.status_code == 301 and "://" not in step.headers["location"] for step in answer.history)
    assert answer.url == f"{awkward.index_url(server)}zope-interface/"


def test_many_wheels_in_one_release(world: World, server: str, tmp_path: Path) -> None:
    project = f"many-{server}"
    wheels = [build_wheel(tmp_path, project, "1.0", tag=tag, payload=tag.encode()) for tag in TAGS]
    wheels.append(build_wheel(tmp_path, project, "1.0"))
    done = world.publish("--yes", "--json", *wheels)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["transactions"]) == 1
    document = requests.get(f"{world.index_url(server)}{project}/", headers={"Accept": JSON}, timeout=HANGS).json()
    assert {item["filename"] for item in document["files"]} == {path.name for path in wheels}
    for client in ("pip-newest", "uv"):
        environment = make_environment(tmp_path / client, client)
        done_install = environment.install(world.index_url(server), project)
        assert done_install.code == 0, done_install.text


@pytest.fixture(scope="module")
def long_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A project with 3,000 entries; only the first and the last release's files exist, the others are records alone."""
    folder = tmp_path_factory.mktemp("long")
    with anvil_world(folder / "world") as world:
        newest = build_wheel(folder, "long", "3000")
        done = world.publish("--yes", newest)
        assert done.returncode == 0, done.stderr
        append_records(world, newest, range(1, 3000))
        done = world.publish("--yes", build_wheel(folder, "long", "3001"))
        assert done.returncode == 0, done.stderr
        yield world


def append_records(world: World, like: Path, versions: range) -> None:
    """Append one release per version, straight to the contract."""
    (dist,) = read_distributions([like])
    w3 = Web3(HTTPProvider(world.publish.rpc_url))
    owner = Account.from_key(world.publish.secrets["DIPMP_TEST_KEY"]).address
    contract = w3.eth.contract(address=w3.to_checksum_address(world.publish.registry), abi=package_index().abi)
    assert dist.metadata_dag is not None
    for version in versions:
        filename = f"long-{version}-py3-none-any.whl"
        record = FileRecord(filename, dist.dag.size, version.to_bytes(32, "big"), None, dist.metadata_dag.sha256)
        payload = encode_release(Release(">=3.8", (record,)))
        last = contract.functions.append("long", 1, payload).transact({"from": owner, "gas": 300_000})
        if version % 50 == 0 or version == versions[-1]:  # a busy node loses track of thousands that wait
            assert w3.eth.wait_for_transaction_receipt(last)["status"] == 1


def test_three_thousand_entries_in_one_project(long_project: World, tmp_path: Path) -> None:
    for server in long_project.servers:
        index = long_project.index_url(server)
        document = requests.get(f"{index}long/", headers={"Accept": JSON}, timeout=HANGS).json()
        assert len(document["versions"]) == 3001
        assert document["_dipmp"]["incomplete"] is False
        for client in ("pip-newest", "uv"):
            environment = make_environment(tmp_path / server / client, client)
            done = environment.install(index, "long")
            assert done.code == 0, done.text
            shutil.rmtree(environment.folder)
