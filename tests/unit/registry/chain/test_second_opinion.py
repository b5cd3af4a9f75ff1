"""Several endpoints of which one lies, hides entries, or allows too little gas: the others are heard."""

import itertools

import pytest

from dipmp_lib.errors import Exhausted, MalformedLog, NotFound, ProjectNotFound, RegistryNotFound, RpcError, Upstream
from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.registry import MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry
from dipmp_lib.telemetry import Event
from tests.support.fakes.chain import ChainSimulator, ReadAnswer
from tests.support.fakes.telemetry import RecordedTelemetry

FOO, BAR = ProjectName("foo"), ProjectName("bar")


class World:
    """Endpoints of one chain with one registry; `sims[0]` is asked first."""

    def __init__(self, endpoints: int = 3) -> None:
        first = ChainSimulator()
        self.at: RegistryAddress = first.address_of(first.deploy())
        for version in ("1.0", "1.1"):
            first.release(first.registries[self.at.address], FOO, f"foo-{version}.tar.gz")
        self.sims = [first, *(first.fork() for _ in range(endpoints - 1))]
        self.told, self.now, self.store = RecordedTelemetry(), 0.0, MemoryLogStore()
        chain = Chain(self.sims[0], None, fallbacks=self.sims[1:], telemetry=self.told)
        self.reader = ChainRegistry({"": chain}, self.store, clock=lambda: self.now)

    def versions(self) -> list[str]:
        return [file.version for file in self.reader.project(self.at, FOO).files]

    def calls(self) -> int:
        return sum(sim.calls.count("eth_call") + sim.calls.count("eth_getCode") for sim in self.sims)

    def reset(self) -> None:
        for sim in self.sims:
            sim.reset()


def forge(answer: ReadAnswer) -> ReadAnswer:
    return answer[0], bytes(32), answer[2], answer[3]


def exhaust(method: str, result: object) -> object:
    if method == "eth_call":
        raise Exhausted("out of gas", code=-32000)
    return result


@pytest.mark.parametrize("endpoints", [2, 3])
def test_one_endpoint_that_forges_is_overruled(endpoints: int) -> None:
    world = World(endpoints)
    world.sims[0].lie = forge
    assert world.versions() == ["1.0", "1.1"]
    assert world.told.count(Event.RPC_DISAGREEMENT) == 1
    assert world.calls() == 2


def test_endpoints_that_all_forge_are_asked_three_times_at_most() -> None:
    world = World(5)
    for sim in world.sims:
        sim.lie = forge
    with pytest.raises(MalformedLog):
        world.versions()
    assert world.calls() == 3
    assert world.told.count(Event.RPC_DISAGREEMENT) == 0


def test_a_second_opinion_that_cannot_be_had_changes_nothing() -> None:
    world = World(2)
    world.sims[0].lie = forge
    world.sims[1].answer = exhaust
    with pytest.raises(MalformedLog):
        world.versions()


def test_one_endpoint_hides_entries_for_no_longer_than_others_show_them() -> None:
    world = World(3)
    assert world.versions() == ["1.0", "1.1"]
    older = ChainSimulator()
    older.deploy()
    older.release(older.registries[world.at.address], FOO, "foo-1.0.tar.gz")
    full = world.sims[0].fork()
    world.sims[0].reorganise_to(older)
    for _ in range(3):
        world.now += 100
        assert world.versions() == ["1.0", "1.1"]
    assert world.told.count(Event.RPC_DISAGREEMENT) == 1  # once it would have been believed
    world.sims[1].reorganise_to(older)
    assert world.versions() == ["1.0"]  # two say so
    world.sims[0].reorganise_to(full)
    assert world.versions() == ["1.0", "1.1"]


def test_a_known_registry_is_read_where_there_is_enough_gas() -> None:
    world = World(2)
    assert world.versions() == ["1.0", "1.1"]
    world.sims[0].answer = exhaust
    for _ in range(3):
        assert world.versions() == ["1.0", "1.1"]


@pytest.mark.parametrize("endpoints", [1, 3])
def test_a_stranger_that_uses_up_its_gas_is_asked_once_in_a_while(endpoints: int) -> None:
    world = World(endpoints)
    for sim in world.sims:
        sim.answer = exhaust
    names = itertools.count()

    def ask() -> None:
        with pytest.raises(Exhausted):  # and not RegistryNotFound: nothing was proven
            world.reader.project(world.at, ProjectName(f"p{next(names)}"))

    ask()
    assert world.calls() == 1
    for seconds in (0, 10, 19.9):
        world.now += seconds
        ask()
        with pytest.raises(Exhausted):
            world.reader.project_list(world.at)
    assert world.calls() == 1
    world.now += 0.2
    for sim in world.sims:
        sim.answer = None
    assert world.versions() == ["1.0", "1.1"]


def test_out_of_gas_at_one_endpoint_is_no_absence_at_the_other() -> None:
    world = World(2)
    world.sims[0].registries.clear()
    world.sims[1].answer = exhaust
    with pytest.raises(Upstream, match="too few endpoints"):
        world.versions()


def test_absence_takes_three_calls() -> None:
    world = World(3)
    with pytest.raises(RegistryNotFound):
        world.reader.project_list(RegistryAddress(b"\x01" * 20))
    assert world.calls() == 3


def test_absence_that_is_contradicted_is_told() -> None:
    world = World(3)
    world.sims[0].registries.clear()
    with pytest.raises(Upstream, match="endpoints disagree") as caught:
        world.versions()
    assert not isinstance(caught.value, NotFound | RpcError)
    assert world.told.count(Event.RPC_DISAGREEMENT) == 1


def test_a_project_is_not_absent_as_long_as_one_endpoint_has_it() -> None:
    world = World(3)
    world.sims[0].registries[world.at.address] = ChainSimulator().deploy()
    with pytest.raises(Upstream, match="endpoints disagree on whether 'foo' has entries"):
        world.versions()
    with pytest.raises(Upstream, match="endpoints disagree on whether 'the registry' has entries"):
        world.reader.project_list(world.at)
    assert world.told.count(Event.RPC_DISAGREEMENT) == 2
    with pytest.raises(ProjectNotFound):
        world.reader.project(world.at, BAR)


def test_a_project_is_absent_if_the_only_endpoint_that_answers_says_so() -> None:
    world = World(3)
    assert world.versions() == ["1.0", "1.1"]
    for sim in world.sims[1:]:
        sim.offline = True
    with pytest.raises(ProjectNotFound):
        world.reader.project(world.at, BAR)


def test_a_known_registry_is_read_where_it_is_seen() -> None:
    world = World(2)
    assert world.versions() == ["1.0", "1.1"]
    world.sims[0].registries.clear()
    for _ in range(3):
        assert world.versions() == ["1.0", "1.1"]
    assert world.told.count(Event.RPC_DISAGREEMENT) == 3
    world.sims[1].registries.clear()
    with pytest.raises(Upstream, match="does not see the registry"):
        world.versions()
