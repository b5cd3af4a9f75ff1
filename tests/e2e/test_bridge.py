"""twine, uv, Poetry, Flit and Hatch publish real packages through `dipmp bridge` to a chain."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests

from dipmp_lib.devnet.ipfs.blocks import BlockStore
from dipmp_lib.devnet.ipfs.server import serve_blocks
from dipmp_lib.distributions import Distribution
from dipmp_lib.http.listen import listen_on
from dipmp_lib.publish.bridge.protocol import BridgeProtocol
from dipmp_lib.publish.bridge.upload_sink import AcceptedUpload, UploadState
from dipmp_lib.server.uvicorn import background
from tests.support.programs.anvil import Anvil, run_anvil
from tests.support.programs.clients import isolated_env
from tests.support.programs.dipmp import SCRIPTS, Dev, Publisher, dipmp_dev, program, publish_settings
from tests.support.programs.uploaders import UPLOADERS, Uploader
from tests.support.repository import ROOT
from tests.support.systems.bridge import TOKEN, MemoryPublisher, TestBridge
from tests.support.systems.embedded_chain import Client, killed
from tests.support.systems.end_to_end import create_registry
from tests.support.waiting import HANGS, wait_until

NO_SECRETS: Mapping[str, str] = {}
CANARY = "canary-secret-of-a-pinner"


@dataclass(frozen=True)
class Running:
    """A bridge that runs; the line that it printed."""

    url: str
    simple_url: str
    token: str


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    with dipmp_dev(tmp_path_factory.mktemp("dev")) as running:
        yield running


@pytest.fixture(scope="module")
def bridge(dev: Dev, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with run_bridge(dev, tmp_path_factory.mktemp("bridge")) as running:
        yield running


def settings(dev: Dev, folder: Path, secrets: Mapping[str, str] = NO_SECRETS) -> dict[str, str]:
    return (
        dict(secrets) | isolated_env(folder / "home") | publish_settings(dev) | {"DIPMP_STATE": str(folder / "state")}
    )


BRIDGE = (str(SCRIPTS / "dipmp"), "bridge", "--port", "0", "--json", "--yes")


@contextmanager
def run_bridge(dev: Dev, folder: Path, secrets: Mapping[str, str] = NO_SECRETS) -> Iterator[Running]:
    with program(BRIDGE, settings(dev, folder, secrets), folder / "bridge.log") as line:
        yield Running(**json.loads(line))


def sent(dev: Dev) -> int:
    """Return the number of transactions on the chain: each is a block of its own."""
    client = Client(dev.rpc_url)
    try:
        return int(client("eth_blockNumber"), 16)
    finally:
        client.close()


def listed(dev: Dev, project: str) -> dict[str, str]:
    """The files of a project's page at the index server, and their digests."""
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    page = requests.get(f"{dev.index_url}{project}/", headers=accept, timeout=HANGS)
    if page.status_code == 404:
        return {}
    return {file["filename"]: file["hashes"]["sha256"] for file in page.json()["files"]}


def words(text: str) -> str:
    """One line, since tools break sentences where their terminal ends."""
    return " ".join(text.split())


@pytest.mark.parametrize("name", UPLOADERS)
def test_a_tool_publishes_and_repeats_and_is_refused(dev: Dev, bridge: Running, name: str, tmp_path: Path) -> None:
    tool = Uploader(name, tmp_path / name)
    tool.build()
    before = sent(dev)
    stranger = tool.publish(bridge.url, "dipmp-wrong")
    assert stranger.code != 0
    assert "the token is not the one that this bridge printed" in words(stranger.text), stranger.text
    assert sent(dev) == before

    done = tool.publish(bridge.url, bridge.token)
    assert done.code == 0, done.text
    assert set(listed(dev, tool.project)) == {path.name for path in tool.dists}
    assert sent(dev) - before == 2  # a tool waits for the answer to its first file before it sends the second
    files = listed(dev, tool.project)

    again = tool.publish(bridge.url, bridge.token)
    assert again.code == 0, again.text
    assert sent(dev) - before == 2

    tool.build("VALUE = 2\n")
    other = tool.publish(bridge.url, bridge.token)
    assert other.code != 0, other.text
    assert "File already exists" in words(other.text), other.text
    assert "is already published with other bytes: sha256 here" in words(other.text), other.text
    assert "raise the version" in words(other.text), other.text
    assert listed(dev, tool.project) == files
    assert sent(dev) - before == 2


def wrapped(dev: Dev, folder: Path, command: list[str], extra: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    env = settings(dev, folder) | dict(extra)
    whole = [str(SCRIPTS / "dipmp"), "bridge", "--yes", "--json", "--", *command]
    cwd = folder if (folder / "pyproject.toml").exists() else ROOT
    return subprocess.run(whole, env=env, cwd=cwd, capture_output=True, text=True, timeout=180, check=False)


@pytest.mark.parametrize("name", UPLOADERS)
def test_run_by_the_bridge_a_release_is_one_transaction(dev: Dev, name: str, tmp_path: Path) -> None:
    tool = replace(Uploader(name, tmp_path / f"w{name}"), prefix="wrapped")
    tool.build()
    before = sent(dev)
    done = wrapped(dev, tool.folder, tool.command(), tool.env)
    assert done.returncode == 0, done.stderr
    assert sent(dev) - before == 1
    assert set(listed(dev, tool.project)) == {path.name for path in tool.dists}
    [transaction] = json.loads(done.stdout)["transactions"]
    assert set(transaction["files"]) == {path.name for path in tool.dists}

    again = wrapped(dev, tool.folder, tool.command(), tool.env)
    assert again.returncode == 0, again.stderr
    assert sent(dev) - before == 1


def test_a_tool_that_fails_publishes_nothing(dev: Dev, tmp_path: Path) -> None:
    tool = replace(Uploader("uv", tmp_path / "uv"), prefix="failing")
    tool.build()
    before = sent(dev)
    script = "import subprocess, sys; assert subprocess.run(sys.argv[1:]).returncode == 0; sys.exit(7)"
    done = wrapped(dev, tool.folder, [sys.executable, "-c", script, *tool.command()], tool.env)
    assert done.returncode == 1
    assert "nothing was published" in done.stderr
    assert "exited with code 7 (2 files had been uploaded)" in done.stderr
    assert sent(dev) == before
    assert listed(dev, tool.project) == {}


def test_a_tool_sees_no_secret(dev: Dev, tmp_path: Path) -> None:
    script = "import os; print('\\n'.join(f'{k}={v}' for k, v in os.environ.items()))"
    secrets = {"PINATA_JWT": CANARY, "DIPMP_PASSWORD": CANARY, "AWS_SECRET_ACCESS_KEY": CANARY}
    done = wrapped(dev, tmp_path, [sys.executable, "-c", script], secrets)
    assert done.returncode == 0, done.stderr
    assert "TWINE_PASSWORD=dipmp-" in done.stderr
    assert CANARY not in done.stderr
    assert dev.rpc_url not in done.stderr
    assert "DIPMP_SIGNER" not in done.stderr


def test_uv_compares_with_the_simple_page(dev: Dev, bridge: Running, tmp_path: Path) -> None:
    tool = replace(Uploader("uv", tmp_path / "uv"), prefix="checked")
    tool.build()
    check = {"UV_PUBLISH_CHECK_URL": bridge.simple_url}
    assert tool.publish(bridge.url, bridge.token, check).code == 0
    before = sent(dev)
    again = tool.publish(bridge.url, bridge.token, check)
    assert again.code == 0, again.text
    assert again.text.count("already exists, skipping") == 2, again.text
    tool.build("VALUE = 2\n")
    other = tool.publish(bridge.url, bridge.token, check)
    assert other.code != 0
    assert "do not match" in words(other.text), other.text
    assert sent(dev) == before


def test_other_commands_send_with_the_same_key_between_uploads(dev: Dev, tmp_path: Path) -> None:
    before = sent(dev)
    first, second, third = (replace(Uploader("uv", tmp_path / name), prefix=name) for name in ("one", "two", "three"))
    for tool in (first, second, third):
        tool.build()
    with run_bridge(dev, tmp_path) as running:
        assert first.publish(running.url, running.token).code == 0
        command = [str(SCRIPTS / "dipmp"), "publish", "--yes", *(str(path) for path in second.dists)]
        env = settings(dev, tmp_path)
        done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        assert third.publish(running.url, running.token).code == 0
    assert sent(dev) - before == 2 + 1 + 2


class Slow:
    """Takes a file for longer than any tool waits for a sign of life."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.taken: list[str] = []

    def take(self, dist: Distribution) -> AcceptedUpload:
        self.taken.append(dist.filename.text)
        time.sleep(self._seconds)
        return AcceptedUpload(UploadState.PUBLISHED, f"{dist.filename.text} is published")


def test_a_slow_chain_makes_no_tool_give_up_or_upload_twice(tmp_path: Path) -> None:
    slow = Slow(17)  # Poetry waits for 15 s, Hatch for 10
    tools = [replace(Uploader(name, tmp_path / name), only_wheel=True) for name in UPLOADERS]
    for tool in tools:
        tool.build()
    app = TestBridge(tmp_path / "uploads", MemoryPublisher(), slow).app
    with background(app, listen_on(0), http=BridgeProtocol) as origin, ThreadPoolExecutor(5) as pool:
        for done in pool.map(lambda tool: tool.publish(f"{origin}/legacy/", TOKEN), tools):
            assert done.code == 0, done.text
    assert sorted(slow.taken) == sorted(path.name for tool in tools for path in tool.dists)


@contextmanager
def silent_server() -> Iterator[tuple[str, threading.Event]]:
    """A pinner that takes connections and never answers; the event is set when the first one came."""
    reached, held = threading.Event(), []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            while True:
                try:
                    held.append(listening.accept()[0])
                except OSError:
                    return
                reached.set()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", reached
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(HANGS)
            for connection in held:
                connection.close()


@contextmanager
def dying_bridge(env: Mapping[str, str]) -> Iterator[Running]:
    """A bridge that is killed at the end of the block."""
    with killed(
        subprocess.Popen(BRIDGE, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    ) as dying:
        assert dying.stdout is not None
        yield Running(**json.loads(dying.stdout.readline()))


def test_a_bridge_that_dies_leaves_nothing_half_published(dev: Dev, tmp_path: Path) -> None:
    tool = replace(Uploader("twine", tmp_path / "twine"), prefix="dying")
    tool.build()
    before = sent(dev)
    with silent_server() as (url, reached), ThreadPoolExecutor(1) as pool:
        with dying_bridge(settings(dev, tmp_path) | {"DIPMP_PINNER": f"kubo:{url}"}) as running:
            upload = pool.submit(tool.publish, running.url, running.token)
            assert reached.wait(HANGS)
        assert upload.result(HANGS).code != 0
    assert sent(dev) == before
    assert listed(dev, tool.project) == {}
    with run_bridge(dev, tmp_path) as running:
        done = tool.publish(running.url, running.token)
        assert done.code == 0, done.text
    wanted = {path.name for path in tool.dists}
    wait_until(lambda: set(listed(dev, tool.project)) == wanted)  # for a while the server answers with what it saw
    assert sent(dev) - before == 2


@contextmanager
def anvil_dev(folder: Path) -> Iterator[tuple[Dev, Anvil, Mapping[str, str]]]:
    """anvil with a registry, and the embedded block store; the key is in a variable."""
    with run_anvil() as chain, serve_blocks(BlockStore(folder / "blocks")) as blocks:
        key, pinner, secrets = "env:DIPMP_TEST_KEY", f"kubo:{blocks.rpc_url}", {"DIPMP_TEST_KEY": chain.keys[0]}
        publisher = Publisher("", chain.url, blocks.gateway_url, pinner, key, folder / "home", secrets=secrets)
        registry = create_registry(publisher)
        yield Dev("", registry, chain.url, blocks.gateway_url, pinner, key), chain, secrets


@pytest.mark.node
def test_a_bridge_that_dies_with_a_transaction_on_its_way_pays_once(tmp_path: Path) -> None:
    tool = replace(Uploader("twine", tmp_path / "twine"), prefix="pending", only_wheel=True)
    tool.build()
    with anvil_dev(tmp_path / "chain") as (dev, chain, secrets), ThreadPoolExecutor(1) as pool:
        client = Client(chain.url)

        def nonce(block: str) -> int:
            return int(client("eth_getTransactionCount", chain.accounts[0], block), 16)

        before = nonce("latest")
        client("evm_setAutomine", False)
        with dying_bridge(settings(dev, tmp_path, secrets)) as running:
            upload = pool.submit(tool.publish, running.url, running.token)
            wait_until(lambda: nonce("pending") == before + 1)
        assert upload.result(HANGS).code != 0
        with run_bridge(dev, tmp_path, secrets) as running:
            again = pool.submit(tool.publish, running.url, running.token)
            time.sleep(3)
            assert not again.done()  # it waits for the transaction that is on its way, and sends no other
            assert nonce("pending") == before + 1
            client("evm_setAutomine", True)
            client("evm_mine")
            done = again.result(HANGS)
            assert done.code == 0, done.text
            assert nonce("pending") == before + 1
            page = requests.get(f"{running.simple_url}{tool.project}/", timeout=HANGS)
            assert page.text.count(tool.dists[0].name) >= 1
        client.close()
