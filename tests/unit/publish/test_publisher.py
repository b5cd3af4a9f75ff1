"""Carrying out a plan: the order of things, and what is left when something fails."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dipmp_lib.distributions import Distribution, read_distributions
from dipmp_lib.errors import GatewayError, PinnerError, PublishError, RpcError, TransactionError
from dipmp_lib.log.entries import Release
from dipmp_lib.log.payload import parse_payload
from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.model.pages import File, Note, Project
from dipmp_lib.progress import SilentReporter
from dipmp_lib.publish import Plan, Published, Storage, make_plan, publish_plan
from dipmp_lib.publish.uploads import Gateway
from dipmp_lib.transactions import Call
from dipmp_lib.transactions.journal import MemoryPinNotes
from tests.support.fakes.publishing import ACTOR, FakePinner, FakeWriter
from tests.support.fakes.registry import REGISTRY, FakeRegistry, make_project
from tests.support.files.wheels import build_sdist, build_wheel


class World:
    """A registry that lists what the writer sends, and a log of what happened in which order."""

    def __init__(self, *paths: Path) -> None:
        self.events: list[str] = []
        self.registry = FakeRegistry(make_project("other"))
        self.pinners = [FakePinner(self.events, "one"), FakePinner(self.events, "two")]
        self.writer = FakeWriter(self.events, on_send=self.include)
        self.dists = read_distributions(paths)
        self.slept: list[float] = []
        self.notes = MemoryPinNotes()
        self.change: Callable[[File], File] = lambda file: file

    def plan(self) -> Plan:
        projects = {dist.project: self.registry.projects.get((REGISTRY, dist.project)) for dist in self.dists}
        return make_plan(self.dists, projects, 1_700_000_000, ACTOR, registry=REGISTRY, publisher_until={})

    def include(self, call: Call) -> None:
        payload = call.arguments[-1]
        assert isinstance(payload, bytes)
        release = parse_payload(1, payload)
        assert isinstance(release, Release)
        name = ProjectName(call.project)
        project = self.registry.projects.get((REGISTRY, name)) or make_project(name, owner=ACTOR)
        version = next(dist.version for dist in self.dists if dist.filename.text == release.files[0].filename)
        added = [
            File(
                filename=each.filename,
                version=version,
                size=each.size,
                sha256=each.sha256,
                dag_root=each.dag_root,
                metadata_sha256=each.metadata_sha256,
                requires_python=release.requires_python,
                uploaded=1_700_000_000,
                publisher=ACTOR,
                entry=1,
            )
            for each in release.files
        ]
        files = (*project.files, *(self.change(file) for file in added))
        self.registry.put(make_project(call.project, *files, owner=ACTOR, notes=project.notes))

    def storage(self, *gateways: Gateway) -> Storage:
        return Storage(
            pinners=self.pinners,
            gateways=gateways,
            pins=2,
            notes=self.notes,
            sleep=self.slept.append,
            clock=lambda: sum(self.slept),
        )

    def run(self, *gateways: Gateway) -> tuple[Published, ...]:
        return publish_plan(
            self.plan(),
            self.storage(*gateways),
            self.writer,
            SilentReporter(),
            registries=[self.registry],
            sleep=self.slept.append,
        )


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(build_wheel(tmp_path), build_sdist(tmp_path))


def test_bytes_come_first_and_the_chain_last(world: World) -> None:
    published = world.run()
    pins = 2 * (2 + 1)  # two pinners; a wheel, its METADATA and an sdist
    assert [event.split()[0] for event in world.events] == ["pin"] * pins + ["send"]
    assert world.events[-1] == "send claim demo"
    [each] = published
    assert (each.receipt.gas_used, each.receipt.cost) == (90_000, 180_000)


def test_file_and_metadata_are_pinned_under_roots_of_their_own(world: World) -> None:
    world.run()
    wheel = next(dist for dist in world.dists if dist.metadata_dag)
    assert wheel.metadata_dag is not None
    for pinner in world.pinners:
        assert pinner.blocks[wheel.cid] == wheel.path.read_bytes()
        assert pinner.blocks[wheel.metadata_dag.root] == wheel.metadata
        assert len(pinner.roots) == 3


def test_running_again_sends_nothing(world: World) -> None:
    world.run()
    world.events.clear()
    assert world.run() == ()
    assert {event.split()[0] for event in world.events} == {"pin"}


def test_a_pinner_that_fails_stops_everything(world: World) -> None:
    world.pinners[1].failure = PinnerError("two is full")
    with pytest.raises(PinnerError, match="two is full"):
        world.run()
    assert world.writer.sent == []


def test_a_file_that_changes_after_the_plan_is_noticed(world: World) -> None:
    plan = world.plan()
    path = world.dists[0].path
    path.write_bytes(path.read_bytes() + b"!")
    with pytest.raises(PublishError, match="changed after it was hashed"):
        publish_plan(plan, world.storage(), world.writer, SilentReporter(), registries=[world.registry])
    assert world.writer.sent == []


def test_what_cannot_be_fetched_back_is_not_published(world: World) -> None:
    empty = FakePinner()
    with pytest.raises(GatewayError, match=r"was pinned, but cannot be fetched back, so nothing was written on chain"):
        world.run(empty)
    assert world.writer.sent == []
    assert world.slept[:6] == [1.0, 2.0, 4.0, 8.0, 16.0, 16.0]
    assert 284 <= sum(world.slept) <= 301


def test_gateways_are_asked_for_every_root(world: World) -> None:
    world.run(world.pinners[0])
    assert [event.split()[0] for event in world.events] == ["pin"] * 6 + ["get"] * 3 + ["send"]


def test_a_node_that_lags_is_asked_again(world: World) -> None:
    listed = world.registry.project
    calls = iter(range(100))

    def project(registry: object, name: ProjectName) -> object:
        return make_project("demo") if next(calls) < 3 else listed(REGISTRY, name)

    world.registry.project = project  # type: ignore[method-assign, assignment]
    world.run()
    assert world.slept == [0.5, 1.0, 2.0]


@pytest.mark.parametrize(
    "change", ["size", "sha256", "dag_root", "metadata_sha256", "requires_python", "publisher", "filename"]
)
def test_a_registry_that_lists_something_else(world: World, change: str) -> None:
    from dataclasses import replace

    other = {"size": 1, "requires_python": ">=2", "filename": "demo-9.tar.gz"}.get(change, b"\x11" * 32)
    world.change = lambda file: replace(file, **{change: other})  # type: ignore[arg-type]
    with pytest.raises(TransactionError, match=r"the registry does not list demo-1\.0"):
        world.run()


def test_what_the_fold_says_about_it_is_said(world: World) -> None:
    note = Note(entry=3, code="sealed", filename="demo-1.0-py3-none-any.whl", detail="version 1.0 was sealed")
    world.writer.on_send = lambda call: world.registry.put(make_project(call.project, owner=ACTOR, notes=(note,)))
    with pytest.raises(TransactionError, match=r"does not list demo-1.0-py3.* \(version 1.0 was sealed\)"):
        world.run()


def test_a_failure_in_the_middle_says_what_is_on_chain(tmp_path: Path) -> None:
    world = World(build_wheel(tmp_path, version="1.0"), build_wheel(tmp_path, version="2.0"))

    def include_one(call: Call) -> None:
        if world.writer.sent:
            raise RpcError("the node went away")
        world.include(call)

    world.writer.on_send = include_one
    with pytest.raises(
        TransactionError, match=r"the node went away \(1 of 2 transactions are on chain: 0x0+1\)"
    ) as caught:
        world.run()
    assert "again" in caught.value.hint

    world.writer.on_send = world.include
    world.writer.sent.clear()
    assert [each.entry.version for each in world.run()] == ["2.0"]


def test_a_failure_of_the_first_transaction_is_raised_as_it_is(world: World) -> None:
    error = TransactionError("not enough money")

    def fail(_call: Call) -> None:
        raise error

    world.writer.on_send = fail
    with pytest.raises(TransactionError) as caught:
        world.run()
    assert caught.value is error


def test_what_cannot_be_read_back_is_said_to_be_on_chain(world: World) -> None:
    listed = world.registry.project

    def project(registry: RegistryAddress, name: ProjectName) -> Project:
        if world.writer.sent:
            raise RpcError("the node went away")
        return listed(registry, name)

    world.registry.project = project  # type: ignore[method-assign]
    with pytest.raises(TransactionError, match=r"the node went away \(on chain: 0x0+1\)"):
        world.run()
    assert len(world.slept) == 6


def test_files_that_are_listed_are_pinned_again(tmp_path: Path) -> None:
    world = World(build_wheel(tmp_path))
    world.run()
    world.events.clear()
    world.dists = (*world.dists, Distribution.from_path(build_sdist(tmp_path)))
    world.run()
    pins = 2 * (2 + 1)  # two pinners; the wheel that is listed, its METADATA, and the sdist that is new
    assert [event.split()[0] for event in world.events] == ["pin"] * pins + ["send"]
    assert world.events[-1] == "send append demo"
