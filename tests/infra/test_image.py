"""The Dockerfile, built without a container engine: the README's promises, and pip through the image."""

import hashlib
import json
import re
import signal
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import yaml

from tests.support.files.real_dists import locked_dists, own_dists
from tests.support.images.containers import run
from tests.support.images.docker_context import context_files, tracked_files
from tests.support.images.dockerfile import read
from tests.support.images.image_build import Builder, Built
from tests.support.programs.clients import isolated_env, make_environment
from tests.support.programs.dipmp import Dev, Publisher, dipmp_dev
from tests.support.repository import ROOT
from tests.support.waiting import HANGS

pytestmark = pytest.mark.e2e

DOCKERFILE = read(ROOT / "Dockerfile")
SERVER = DOCKERFILE.stage()
COMMAND = DOCKERFILE.last(SERVER, "CMD").argv
CLOSURE = ("requests", "urllib3", "idna", "certifi", "charset_normalizer")


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    folder = tmp_path_factory.mktemp("image")
    context = folder / "context"
    for name in context_files(ROOT, tracked_files(ROOT)):
        target = context / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    return Builder(DOCKERFILE, context, folder)


@pytest.fixture(scope="module")
def image(builder: Builder) -> Built:
    return builder.build()


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    """A chain, a gateway and a registry that has `requests` and what it needs."""
    folder = tmp_path_factory.mktemp("dev")
    with dipmp_dev(folder) as running:
        publish = Publisher(
            running.registry, running.rpc_url, running.gateway_url, running.pinner, running.signer, folder / "publisher"
        )
        wheels = [path for path in locked_dists("demo") if path.name.startswith(CLOSURE)]
        assert len(wheels) == len(CLOSURE)
        done = publish("--yes", "--json", *wheels)
        assert done.returncode == 0, done.stderr
        yield running


def promised(dev: Dev) -> dict[str, str]:
    """The three variables of the first README, in its forms."""
    gateway = dev.gateway_url.rstrip("/").removesuffix("/ipfs") + "/ipfs"
    return {"ETH_GATEWAY": dev.rpc_url, "IPFS_GATEWAY": gateway, "HOST_URL": "http://localhost:5000"}


def files(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def test_pip_installs_through_the_image_with_the_three_promised_variables(
    image: Built, dev: Dev, tmp_path: Path
) -> None:
    before = files(image.root)
    with run(DOCKERFILE, image, promised(dev), tmp_path / "log") as container:
        index = f"http://127.0.0.1:{container.port}/simple/{dev.registry}/"
        client = make_environment(tmp_path / "client", "pip-newest")
        done = client.install(index, "requests")
        assert done.code == 0, done.text
        assert client.run(client.python, "-c", "import requests").code == 0
        assert all(url.startswith(f"http://127.0.0.1:{container.port}/files/") for url in client.download_urls())
        page = requests.get(f"http://127.0.0.1:{container.port}/registry/{dev.registry}/", timeout=HANGS)
        assert page.status_code == 200
    assert files(image.root) == before, "the server wrote into its image, so it cannot run with --read-only"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_soon_when_it_is_told_to(image: Built, dev: Dev, tmp_path: Path, number: signal.Signals) -> None:
    assert getattr(signal, DOCKERFILE.last(SERVER, "STOPSIGNAL").text) is signal.SIGINT
    with run(DOCKERFILE, image, promised(dev), tmp_path / "log") as container:
        container.process.send_signal(number)
        assert container.process.wait(HANGS) in {0, -number}  # Docker kills after 10 s
        assert container.health() != 0
        assert "Traceback" not in container.log.read_text()


def test_without_settings_it_says_what_is_missing(image: Built) -> None:
    done = subprocess.run(
        [image.root / "opt" / "dipmp" / "bin" / "dipmp", *COMMAND[1:]],
        env=image.env,
        cwd=image.workdir,
        capture_output=True,
        text=True,
        check=False,
        timeout=HANGS,
    )
    assert done.returncode == 1
    assert "ETH_GATEWAY" in done.stderr
    assert "IPFS_GATEWAY" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_wheel_is_the_one_that_a_build_makes(image: Built, builder: Builder) -> None:
    (wheel,) = (builder.folder / "stages" / "build" / "wheels").iterdir()
    (ours,) = (path for path in own_dists() if path.suffix == ".whl")
    assert wheel.name == ours.name
    assert hashlib.sha256(wheel.read_bytes()).hexdigest() == hashlib.sha256(ours.read_bytes()).hexdigest()
    (site,) = (image.root / "opt" / "dipmp" / "lib").glob("python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        sources = [name for name in archive.namelist() if ".dist-info/" not in name]
        assert len(sources) > 200
        assert all((site / name).read_bytes() == archive.read(name) for name in sources)


def test_the_environment_is_what_was_locked_and_small(image: Built) -> None:
    python = image.root / "opt" / "dipmp" / "bin" / "python"
    found = "{d.name.lower(): d.version for d in m.distributions()}"
    code = f"import importlib.metadata as m, json; print(json.dumps({found}))"
    done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True)
    installed = json.loads(done.stdout)
    locked = dict(re.findall(r"^([a-z0-9.-]+)==([^ ;\\]+)", (ROOT / "requirements" / "image.txt").read_text(), re.M))
    assert installed.pop("dipmp-pkg")
    assert {name.replace("_", "-"): version for name, version in installed.items()}.items() <= locked.items()
    assert not installed.keys() & {"pip", "web3", "pytest", "eth-account"}
    size = sum(path.stat().st_size for path in (image.root / "opt").rglob("*") if path.is_file())
    assert size < 120e6, f"{size / 1e6:.0f} MB beside the base image"


def test_dipmp_sync_and_config_work_in_the_image(image: Built) -> None:
    dipmp = str(image.root / "opt" / "dipmp" / "bin" / "dipmp")
    address = "https://host/simple/0x000000000000000000000000000000000000dEaD/"
    done = subprocess.run([dipmp, "config", "pip", address], env=image.env, capture_output=True, text=True, check=True)
    assert f"index-url = {address}" in done.stdout
    done = subprocess.run([dipmp, "sync"], env=image.env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ETH_GATEWAY" in done.stderr  # and not that something is not installed


def test_the_publishers_image_creates_the_registry_of_the_compose_file(builder: Builder, dev: Dev) -> None:
    service = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["registry"]
    image = builder.build(service["build"]["target"])
    stage = DOCKERFILE.stage(service["build"]["target"])
    command = [*DOCKERFILE.last(stage, "ENTRYPOINT").argv, *service["command"]]
    key = Path(dev.signer.removeprefix("keystore:"))
    settings = {**service["environment"], "ETH_GATEWAY": dev.rpc_url, "DIPMP_SIGNER": dev.signer, "DIPMP_CHAIN_ID": ""}
    assert key.is_file()
    env = isolated_env(builder.folder / "home") | settings
    command[0] = str(image.root / "opt" / "dipmp" / "bin" / command[0])
    done = subprocess.run([*command, "--salt", "7"], env=env, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^Registry: 0x[0-9a-fA-F]{40}$", done.stdout, re.M), done.stdout
