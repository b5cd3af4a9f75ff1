"""A closure of real packages carried over from another index, killed on the way, and installed back."""

import hashlib
import json
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from eth_account import Account

from dipmp_lib.devnet.ipfs.blocks import BlockStore
from dipmp_lib.devnet.ipfs.server import serve_blocks
from dipmp_lib.ipfs.cid import RAW_FILE_MAX, raw_cid
from dipmp_lib.model.filenames import parse_filename
from tests.support.fakes.source_index import SourceWorld, source_index
from tests.support.files.real_dists import locked_dists
from tests.support.programs.clients import make_environment
from tests.support.programs.dipmp import SCRIPTS, Publisher
from tests.support.repository import ROOT
from tests.support.systems.embedded_chain import killed
from tests.support.systems.end_to_end import World, anvil_world
from tests.support.waiting import HANGS, wait_until

pytestmark = pytest.mark.node

LOCK = ROOT / "requirements" / "mirror.txt"
ROOTS = (
    "aiohttp",
    "cryptography",
    "flask",
    "httpx[http2]",
    "jsonschema[format]",
    "pydantic==2.*",
    "pytest",
    "python-dateutil",
    "pyyaml",
    "requests[socks]==2.*",
    "rich",
    "sqlalchemy",
)
IMPORTS = (
    "import aiohttp, cryptography.fernet, flask, h2, pydantic, pytest, dateutil, yaml, socks, rich, sqlalchemy, fqdn"
)


@pytest.fixture(scope="module")
def files() -> tuple[Path, ...]:
    return locked_dists("mirror")


@pytest.fixture(scope="module")
def source(files: tuple[Path, ...]) -> Iterator[SourceWorld]:
    with source_index() as world:
        for path in files:
            world.add(path)
        yield world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with anvil_world(tmp_path_factory.mktemp("mirror")) as made:
        yield made


@dataclass(frozen=True)
class Mirrored:
    """The results of the runs: transactions before the kill and at the end, and the JSON documents."""

    world: World
    killed_at: int
    paid: int
    document: dict[str, Any]
    third: dict[str, Any]


@pytest.fixture(scope="module")
def mirrored(world: World, source: SourceWorld, tmp_path_factory: pytest.TempPathFactory) -> Mirrored:
    """Mirror, be killed after a few releases, mirror again, and once more with nothing left to do."""
    publisher = world.publish
    command = ["mirror", "--from", source.url, "--with-deps", "--yes", "--json"]
    command += ["--cache", str(tmp_path_factory.mktemp("cache")), *ROOTS]
    start = transactions(publisher)
    kill_after(publisher, command, start + 10, tmp_path_factory.mktemp("killed") / "log")
    killed_at = transactions(publisher) - start
    fetched = len(downloads(source))
    again = publisher.dipmp(*command)
    assert again.returncode == 0, again.stderr
    assert len(downloads(source)) == fetched, "a file was fetched twice"
    paid = transactions(publisher) - start
    third = publisher.dipmp(*command)
    assert third.returncode == 0, third.stderr
    assert transactions(publisher) - start == paid
    return Mirrored(world, killed_at, paid, json.loads(again.stdout), json.loads(third.stdout))


def kill_after(publisher: Publisher, command: Sequence[str], count: int, log: Path) -> None:
    """Start a command and kill it when the account has sent so many transactions."""
    with (
        log.open("wb") as output,
        killed(
            subprocess.Popen([SCRIPTS / "dipmp", *command], env=publisher.env, cwd=ROOT, stdout=output, stderr=output)
        ) as process,
    ):
        wait_until(lambda: process.poll() is not None or transactions(publisher) >= count)
        assert process.poll() is None, log.read_text()
    assert process.returncode == -signal.SIGKILL


def transactions(publisher: Publisher) -> int:
    """Return the number of the publisher's transactions on chain."""
    account = Account.from_key(publisher.secrets["DIPMP_TEST_KEY"]).address
    body = {"jsonrpc": "2.0", "id": 1, "method": "eth_getTransactionCount", "params": [account, "latest"]}
    return int(requests.post(publisher.rpc_url, json=body, timeout=HANGS).json()["result"], 16)


def downloads(source: SourceWorld) -> list[str]:
    """Every whole file that was asked for."""
    return [path for path in source.paths if path.startswith("/files/") and not path.endswith(".metadata")]


def test_a_killed_mirror_goes_on_and_pays_for_nothing_twice(mirrored: Mirrored, source: SourceWorld) -> None:
    assert len(source.records) >= 40
    assert 10 <= mirrored.killed_at < len(source.records)
    assert mirrored.paid == len(source.records)  # one release of each project, one transaction each
    # What was on its way when it was killed is finished first, and skipped by then.
    skipped = [file for file in mirrored.document["files"] if file["action"] == "skip"]
    before = len(mirrored.document["already_listed"]) + len(skipped)
    assert mirrored.killed_at <= before <= mirrored.killed_at + 1
    assert len(mirrored.document["transactions"]) == mirrored.paid - before
    assert mirrored.document["refused"] == mirrored.third["refused"] == []
    assert len(mirrored.third["already_listed"]) == len(source.records)


def test_every_file_was_fetched_once(mirrored: Mirrored, source: SourceWorld) -> None:
    assert sorted(downloads(source)) == sorted(path for path in source.bodies if not path.endswith(".metadata"))


@pytest.mark.parametrize("name", ["pip-newest", "uv"])
def test_install_with_the_digests_of_the_source(
    mirrored: Mirrored, source: SourceWorld, name: str, tmp_path: Path
) -> None:
    client = make_environment(tmp_path / "client", name)
    pins = tmp_path / "pins.txt"
    records = [record for project in source.records.values() for record in project]
    pins.write_text("".join(pin(record) for record in records))
    locked = LOCK.read_text()
    assert all(f"--hash=sha256:{record['hashes']['sha256']}" in locked for record in records)
    done = client.install(mirrored.world.index_url("uvicorn"), "--require-hashes", "-r", str(pins))
    assert done.code == 0, done.text
    assert client.run(client.python, "-c", IMPORTS).code == 0
    if name != "uv":
        urls = client.download_urls()
        assert len(urls) == len(records)
        assert all(url.startswith(f"{mirrored.world.servers['uvicorn']}/files/") for url in urls), urls


def pin(record: Mapping[str, Any]) -> str:
    """A requirement that takes this file alone."""
    filename = parse_filename(record["filename"])
    return f"{filename.project}=={filename.version} --hash=sha256:{record['hashes']['sha256']}\n"


def test_replicating_the_registry(mirrored: Mirrored, source: SourceWorld, tmp_path: Path) -> None:
    """Every file and METADATA to a second store, which is killed on the way, and then all that was lost is said."""
    publisher = mirrored.world.publish
    count = 2 * len(source.records)  # each project has one wheel
    with serve_blocks(BlockStore(tmp_path / "blocks")) as second:
        command = ["replicate", publisher.registry, "--to", f"kubo:{second.rpc_url}", "--json"]
        with killed(
            subprocess.Popen(
                [SCRIPTS / "dipmp", *command],
                env=publisher.env,
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        ) as process:
            wait_until(lambda: process.poll() is not None or len(second.store.pins()) >= 10)
        before = len(second.store.pins())
        done = publisher.dipmp(*command)
        assert done.returncode == 0, done.stderr
        document = json.loads(done.stdout)
        assert (document["roots"], document["kept"], document["lost"]) == (count, count, [])
        assert before - 8 <= document["known"] <= before  # a pin whose note was not written is made again
        assert len(second.store.pins()) == count
        pinned = {str(cid) for cid in second.store.pins()}
        assert all(str(raw_cid(hashlib.sha256(body).digest())) in pinned for body in small_bodies(source))


def test_replicating_says_what_is_lost(mirrored: Mirrored, tmp_path: Path) -> None:
    publisher = mirrored.world.publish
    with serve_blocks(BlockStore(tmp_path / "empty")) as empty, serve_blocks(BlockStore(tmp_path / "second")) as second:
        done = publisher.dipmp(
            *("replicate", publisher.registry, "--gateway", empty.gateway_url),
            *("--to", f"kubo:{second.rpc_url}", "--project", "click", "--json"),
        )
        assert done.returncode == 1
        document = json.loads(done.stdout)
        assert [loss["pinner"] for loss in document["lost"]] == [None, None]
        assert done.stderr.count("not found: click-") == 2
        assert second.store.pins() == []


def small_bodies(source: SourceWorld) -> list[bytes]:
    """The files that are one block."""
    return [body for path, body in source.bodies.items() if len(body) <= RAW_FILE_MAX]
