"""Runs against a simulated chain, DynamoDB by moto, objects in memory."""

import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from dipmp_lib.aws.archive import DynamoArchive
from dipmp_lib.aws.table import Table
from dipmp_lib.errors import GatewayError, InvalidSettings
from dipmp_lib.ipfs.cid import Cid
from dipmp_lib.model.chains import ChainIds
from dipmp_lib.model.names import RegistryAddress
from dipmp_lib.registry import MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry
from dipmp_lib.server.large_pages import LargePages
from dipmp_lib.server.observe import JsonLines
from dipmp_lib.server.settings import Settings
from dipmp_lib.server.sync.compose import build_sync, sync_handler
from dipmp_lib.server.sync.logs import LogSync
from dipmp_lib.server.sync.objects import ObjectSync
from dipmp_lib.server.sync.run import Sync
from dipmp_lib.telemetry import SILENCE
from tests.support.fakes.aws import TABLE, fake_aws, items
from tests.support.fakes.chain import ChainSimulator
from tests.support.fakes.object_store import MemoryObjects
from tests.support.files.logs import record, release_payload
from tests.support.repository import ROOT

CHAIN_ID = 8453
METADATA = {f"foo-{n}.0-py3-none-any.whl": b"Name: foo\nVersion: %d.0\n" % n for n in range(1, 4)}


class Blocks:
    """Gateways that have some METADATA and files."""

    def __init__(self, *contents: bytes) -> None:
        self.blocks = {hashlib.sha256(content).digest(): content for content in contents}

    def block(self, cid: Cid, max_bytes: int) -> bytes:
        body = self.blocks.get(cid.digest)
        if body is None or len(body) > max_bytes:
            raise GatewayError(f"no gateway delivers {cid}")
        return body


class World:
    """A chain with one registry, and a sync of it; `now` is the time of day."""

    def __init__(self) -> None:
        self.sim = ChainSimulator(CHAIN_ID)
        self.model = self.sim.deploy()
        self.at = self.sim.address_of(self.model)
        self.now = 1_700_000_000.0
        self.monotonic = 1000.0
        self.archive = DynamoArchive(Table(TABLE), ChainIds(CHAIN_ID))
        self.objects = MemoryObjects()
        self.gateways = Blocks(*METADATA.values())
        self.sync = self.cold()

    def cold(self, **changes: object) -> Sync:
        """Return a sync whose process has just begun."""
        memory = MemoryLogStore(clock=lambda: self.now)
        chain = Chain(self.sim, CHAIN_ID)
        registry = ChainRegistry({"": chain}, memory, clock=lambda: self.monotonic)
        large = LargePages(self.objects, "https://pages.example", "https://index.example", ChainIds(CHAIN_ID))
        values: dict[str, object] = {
            "pinned": [self.at],
            "logs": LogSync(registry, memory, self.archive, clock=lambda: self.now),
            "memory": memory,
            "archive": self.archive,
            "objects": ObjectSync(self.objects, self.gateways, large),
            "clock": lambda: self.now,
        }
        return Sync(**(values | changes))  # type: ignore[arg-type]

    def wheel(self, filename: str) -> None:
        """Release a wheel of foo whose METADATA is one of METADATA."""
        file = record(filename, metadata_sha256=hashlib.sha256(METADATA[filename]).digest())
        self.sim.append(self.model, "foo", 0x01, release_payload([file]))

    def later(self, seconds: float) -> None:
        self.now += seconds
        self.monotonic += seconds

    def kept(self, name: str) -> tuple[int, float]:
        """Return how many entries of a log are kept, and when it was confirmed."""
        found = self.archive.load(self.at, name)
        return (len(found.log.blobs), found.confirmed) if found else (0, 0.0)


@pytest.fixture
def world() -> Iterator[World]:
    with fake_aws():
        made = World()
        made.wheel("foo-1.0-py3-none-any.whl")
        made.sim.release(made.model, "bar", "bar-1.0.tar.gz")
        yield made


def test_the_first_run_keeps_everything(world: World) -> None:
    summary = world.sync.run(60)
    assert (summary.complete, summary.read, summary.registries, summary.lag) == (True, 3, 1, 0)
    assert [world.kept(name) for name in ("", "foo", "bar")] == [(2, world.now)] * 3
    body = METADATA["foo-1.0-py3-none-any.whl"]
    assert world.objects.objects[f"metadata/{hashlib.sha256(body).hexdigest()}"][0] == body
    assert json.loads(json.dumps(summary.document()))["metadata"] == 1


def test_without_news_a_run_costs_two_calls_and_one_item(world: World) -> None:
    world.sync.run(60)
    world.later(300)
    world.sim.reset()
    before = {(item["pk"]["S"], item["sk"]["S"]): item for item in items()}
    summary = world.cold().run(60)
    changed = [item["sk"]["S"] for item in items() if before.get((item["pk"]["S"], item["sk"]["S"])) != item]
    assert world.sim.calls.count("eth_call") == 2
    assert sorted(changed) == ["checkpoint", "log/"]
    assert summary.complete
    assert [world.kept(name)[1] for name in ("", "foo", "bar")] == [world.now] * 3


def test_only_what_changed_is_read(world: World) -> None:
    world.sync.run(60)
    world.later(300)
    world.wheel("foo-2.0-py3-none-any.whl")
    world.sim.release(world.model, "new", "new-1.0.tar.gz")
    world.sim.reset()
    summary = world.sync.run(60)
    assert summary.read == 3
    assert [world.kept(name) for name in ("foo", "bar", "new")] == [(3, world.now), (2, world.now), (2, world.now)]
    assert world.sim.calls.count("eth_call") == 4
    assert summary.metadata == 1


def test_metadata_that_no_gateway_has_is_tried_again(world: World) -> None:
    missing = METADATA["foo-1.0-py3-none-any.whl"]
    del world.gateways.blocks[hashlib.sha256(missing).digest()]
    assert world.sync.run(60).metadata == 0
    checkpoint = world.archive.checkpoint(world.at)
    assert checkpoint is not None
    assert (checkpoint.owed, checkpoint.behind) == (frozenset({"foo"}), frozenset())
    assert world.kept("foo") == (2, world.now)
    world.gateways.blocks[hashlib.sha256(missing).digest()] = b"other bytes"
    world.later(300)
    world.sync.run(60)
    assert world.objects.objects == {}
    world.gateways.blocks[hashlib.sha256(missing).digest()] = missing
    world.later(300)
    assert world.sync.run(60).metadata == 1


def test_a_run_out_of_time_leaves_the_rest_to_the_next(world: World) -> None:
    for number in range(5):
        world.sim.release(world.model, f"p{number}", f"p{number}-1.0.tar.gz")
    first = world.sync.run(0)
    assert (first.read, first.left, first.complete, first.unconfirmed) == (1, 7, False, 1)
    world.later(300)
    second = world.cold().run(60)
    assert (second.read, second.left, second.unconfirmed) == (8, 0, 0)
    assert world.kept("p4") == (2, world.now)


def test_a_dead_chain_is_a_problem_and_the_lag_grows(world: World) -> None:
    world.sync.run(60)
    kept = world.kept("foo")
    world.sim.offline = True
    world.later(900)
    summary = world.sync.run(60)
    assert (summary.complete, summary.lag, list(summary.problems)) == (False, 900, [str(world.at)])
    assert world.kept("foo") == kept
    world.sim.offline = False
    assert world.cold().run(60).lag == 0


def test_a_log_that_cannot_be_read_is_not_taken_for_confirmed_and_the_others_are(world: World) -> None:
    world.sync.run(60)
    began = world.now
    world.later(300)
    world.wheel("foo-2.0-py3-none-any.whl")
    world.sim.lie = lambda answer: (answer[0], b"\x07" * 32, *answer[2:]) if _is_foo(world, answer[0]) else answer
    summary = world.sync.run(60)
    assert list(summary.problems) == [f"{world.at}/foo"]
    assert [world.kept(name) for name in ("foo", "bar")] == [(2, began), (2, world.now)]
    world.sim.lie = None
    world.later(300)
    world.sync.run(60)
    assert world.kept("foo") == (3, world.now)


def _is_foo(world: World, slot_a: int) -> bool:
    return slot_a >> 192 & (1 << 48) - 1 == len(world.model.blobs)


def test_R9_reorg_after_publish_another_history_replaces_what_is_kept(world: World) -> None:  # noqa: N802
    """R9: what was kept as latest is orphaned; the next run keeps what the chain has now."""
    other = world.sim.fork()
    world.wheel("foo-2.0-py3-none-any.whl")
    world.sync.run(60)
    orphaned = world.archive.load(world.at, "foo")
    assert orphaned is not None
    other.release(other.registries[world.at.address], "foo", "foo-3.0.tar.gz")
    world.sim.reorganise_to(other)
    world.later(300)
    world.cold().run(60)
    kept = world.archive.load(world.at, "foo")
    assert kept is not None
    assert (len(kept.log.blobs), kept.confirmed) == (3, world.now)
    assert kept.log.head != orphaned.log.head


def test_R9_reorg_after_publish_a_dropped_release_is_unlearned_once_it_is_no_lag(world: World) -> None:  # noqa: N802
    other = world.sim.fork()
    world.wheel("foo-2.0-py3-none-any.whl")
    world.sync.run(60)
    confirmed = world.now
    world.sim.reorganise_to(other)
    world.later(60)
    world.sync.run(60)
    assert world.kept("foo")[0] == 3  # it may be lag: kept, and not confirmed anew
    assert world.kept("foo")[1] == confirmed
    world.later(180)
    world.sync.run(60)
    world.later(180)
    world.sync.run(60)
    assert world.kept("foo") == (2, world.now)


def test_pages_too_large_for_a_function_are_written(world: World) -> None:
    for batch in range(8):
        world.sim.release(world.model, "big", *(f"big-{batch}-{n}-py3-none-any.whl" for n in range(150)))
    summary = world.cold(
        objects=ObjectSync(world.objects, world.gateways, _Small(world.objects, ChainIds(CHAIN_ID)))
    ).run(60)
    assert summary.large == 1
    assert {key.rpartition("/")[2] for key in world.objects.objects if key.startswith("pages/")} == {
        f"{form}{end}" for form in ("json", "html", "text_html") for end in ("", ".gz")
    }


class _Small(LargePages):
    """Large pages of a server with a low limit."""

    def __init__(self, objects: MemoryObjects, chain_ids: ChainIds) -> None:
        super().__init__(objects, "https://pages.example", "https://index.example", chain_ids)

    def write(self, page: object, limit: int = 100_000) -> bool:
        return super().write(page, limit)  # type: ignore[arg-type]


def test_files_are_audited_on_each_gateway_alone(world: World) -> None:
    world.sync.run(60)
    has, lacks = Blocks(b"foo-1.0-py3-none-any.whl", b"bar-1.0.tar.gz"), Blocks()
    seen = set()
    for _ in range(4):
        summary = world.cold(gateways={"good": has, "empty": lacks}).run(60)
        assert (summary.audited, summary.gateways, summary.missing) == (1, {"good": 1, "empty": 0}, [])
        seen.update(world.cold(gateways={"empty": lacks}).run(60).missing)
        world.later(60)
    assert seen == {f"{world.at}/foo/foo-1.0-py3-none-any.whl", f"{world.at}/bar/bar-1.0.tar.gz"}


def test_the_handler_minds_its_end_and_writes_one_record(world: World) -> None:
    stream = io.StringIO()
    handler = sync_handler(world.sync, JsonLines(stream, "dipmp-sync"))
    late = handler({}, SimpleNamespace(get_remaining_time_in_millis=lambda: 5_000))
    assert (late["complete"], late["left"]) == (False, 2)
    assert handler({}, SimpleNamespace(get_remaining_time_in_millis=lambda: 120_000))["complete"] is True
    assert handler({}, None)["complete"] is True
    records = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [each["SyncCompleted"] for each in records] == [1, 1, 1]
    assert [each["level"] for each in records] == ["WARNING", "INFO", "INFO"]
    assert {"SyncLag", "SyncProblems", "MissingFiles"} <= records[0].keys()


def env(**more: str) -> dict[str, str]:
    given = {"ETH_GATEWAY": "http://127.0.0.1:1", "IPFS_GATEWAY": "http://127.0.0.1:1/ipfs", "DIPMP_CHAIN_ID": "8453"}
    return given | more


def test_a_sync_without_table_or_registries_says_what_is_missing() -> None:
    with pytest.raises(InvalidSettings, match=r"DIPMP_TABLE is not set.*DIPMP_PINNED is not set"):
        build_sync(Settings.from_env(env()), SILENCE)


def test_the_function_loads_nothing_of_aws_until_it_runs() -> None:
    address = str(RegistryAddress(b"\x01" * 20))
    code = "import sys, functions.sync as f; print('boto3' in sys.modules, 'web3' in sys.modules, callable(f.handler))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **env(DIPMP_TABLE=TABLE, DIPMP_PINNED=address)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, ["False", "False", "True"]), done.stderr
