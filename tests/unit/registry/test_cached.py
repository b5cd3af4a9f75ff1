"""The cache over a registry: fresh, shared, stale when it has to be, and bounded."""

import threading
from collections.abc import Callable

import pytest

from dipmp_lib.errors import (
    DipmpError,
    InvalidAddress,
    MalformedLog,
    ProjectNotFound,
    RegistryNotFound,
    RpcError,
    Upstream,
)
from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.model.pages import Project, ProjectList, Status
from dipmp_lib.registry import CachedRegistry, Lifetimes, MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry
from tests.support.fakes.chain import ChainSimulator
from tests.support.fakes.clock import Clock
from tests.support.waiting import HANGS

AT, FOO, BAR = RegistryAddress(b"\x01" * 20), ProjectName("foo"), ProjectName("bar")


class Inner:
    """A registry whose answers count up; `failure` is raised instead, and `gate` holds either."""

    def __init__(self) -> None:
        self.calls = 0
        self.failure: DipmpError | None = None
        self.in_flight = threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    def _answer(self) -> int:
        self.calls += 1
        self.in_flight.set()
        assert self.gate.wait(HANGS)
        if self.failure is not None:
            raise self.failure
        return self.calls

    def project_list(self, registry: RegistryAddress) -> ProjectList:
        return ProjectList(registry=registry, head=bytes(32), count=self._answer(), names=())

    def project(self, registry: RegistryAddress, name: ProjectName) -> Project:
        return Project(
            registry=registry,
            name=name,
            head=bytes(32),
            count=self._answer(),
            owner=bytes(20),
            status=Status.ACTIVE,
            files=(),
        )


@pytest.fixture
def inner() -> Inner:
    return Inner()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cached(inner: Inner, clock: Clock) -> CachedRegistry:
    return CachedRegistry(inner, clock=clock)


Ask = Callable[[CachedRegistry], Project | ProjectList]
ASKS: dict[str, Ask] = {"project": lambda c: c.project(AT, FOO), "list": lambda c: c.project_list(AT)}


@pytest.mark.parametrize("what", ASKS)
def test_an_answer_is_fresh_for_a_moment(cached: CachedRegistry, clock: Clock, what: str) -> None:
    ask = ASKS[what]
    assert [ask(cached).count for _ in range(3)] == [1, 1, 1]
    clock.now += 1.9
    assert ask(cached).count == 1
    clock.now += 0.2
    assert ask(cached).count == 2


def test_freshness_zero_always_asks(inner: Inner, clock: Clock) -> None:
    cached = CachedRegistry(inner, lifetimes=Lifetimes(fresh=0), clock=clock)
    assert [cached.project(AT, FOO).count for _ in range(3)] == [1, 2, 3]
    assert cached.peek(AT, FOO) is None


def test_answers_are_kept_apart(cached: CachedRegistry) -> None:
    other = RegistryAddress(AT.address, "base")
    counts = [cached.project(AT, FOO).count, cached.project(AT, BAR).count, cached.project(other, FOO).count]
    assert [*counts, cached.project_list(AT).count] == [1, 2, 3, 4]
    assert cached.project(AT, FOO).count == 1


def test_peek_never_asks(cached: CachedRegistry, inner: Inner, clock: Clock) -> None:
    assert cached.peek(AT, FOO) is None
    assert cached.peek(AT) is None
    assert inner.calls == 0
    cached.project(AT, FOO)
    cached.project_list(AT)
    clock.now += 1.5
    project, listed = cached.peek(AT, FOO), cached.peek(AT)
    assert project is not None
    assert listed is not None
    assert (project.value.count, project.age, project.stale, project.reason) == (1, 1.5, False, "")
    assert listed.value.count == 2
    clock.now += 1
    assert cached.peek(AT, FOO) is None
    assert inner.calls == 2


@pytest.mark.parametrize("failure", [Upstream("no node"), RpcError("no node"), MalformedLog("no sense")])
def test_the_last_known_good_answer_survives_an_outage(
    cached: CachedRegistry, inner: Inner, clock: Clock, failure: DipmpError
) -> None:
    cached.project(AT, FOO)
    inner.failure = failure
    clock.now += 60
    served = cached.serve(AT, FOO)
    assert (served.value.count, served.age, served.stale, served.reason) == (1, 60, True, str(failure))
    assert cached.project(AT, FOO).count == 1
    inner.failure = None
    clock.now += 1
    served = cached.serve(AT, FOO)
    assert (served.value.count, served.age, served.stale, served.reason) == (3, 0, False, "")


def test_during_an_outage_the_chain_is_asked_once_a_second(cached: CachedRegistry, inner: Inner, clock: Clock) -> None:
    cached.project(AT, FOO)
    inner.failure = Upstream("no node")
    clock.now += 10
    for _ in range(100):
        assert cached.serve(AT, FOO).stale
        clock.now += 0.05
    assert 5 <= inner.calls <= 7
    peeked = cached.peek(AT, FOO)
    assert peeked is None or peeked.stale


def test_an_answer_gets_too_old_to_be_served(cached: CachedRegistry, inner: Inner, clock: Clock) -> None:
    cached.project(AT, FOO)
    inner.failure = Upstream("no node")
    clock.now += 23 * 3600
    assert cached.serve(AT, FOO).age == 23 * 3600
    clock.now += 2 * 3600
    with pytest.raises(Upstream):
        cached.serve(AT, FOO)


def test_without_a_good_answer_the_failure_is_the_answer_for_a_second(
    cached: CachedRegistry, inner: Inner, clock: Clock
) -> None:
    inner.failure = Upstream("no node")
    for _ in range(3):
        with pytest.raises(Upstream, match="no node"):
            cached.project(AT, FOO)
        with pytest.raises(Upstream, match="no node"):
            cached.peek(AT, FOO)
    assert inner.calls == 1
    clock.now += 1.1
    assert cached.peek(AT, FOO) is None
    inner.failure = None
    assert cached.project(AT, FOO).count == 2


@pytest.mark.parametrize(("failure", "seconds"), [(ProjectNotFound("none"), 2.0), (RegistryNotFound("none"), 30.0)])
def test_absence_is_remembered_for_a_short_time(
    cached: CachedRegistry, inner: Inner, clock: Clock, failure: DipmpError, seconds: float
) -> None:
    inner.failure = failure
    for _ in range(5):
        with pytest.raises(type(failure)):
            cached.project(AT, FOO)
    assert inner.calls == 1
    clock.now += seconds - 0.1
    with pytest.raises(type(failure)):
        cached.peek(AT, FOO)
    clock.now += 0.2
    inner.failure = None
    assert cached.project(AT, FOO).count == 2


def test_proven_absence_ends_an_earlier_answer(cached: CachedRegistry, inner: Inner, clock: Clock) -> None:
    cached.project(AT, FOO)
    clock.now += 5
    inner.failure = ProjectNotFound("gone")
    with pytest.raises(ProjectNotFound):
        cached.project(AT, FOO)
    clock.now += 5
    inner.failure = Upstream("no node")
    with pytest.raises(Upstream):
        cached.project(AT, FOO)


def test_input_errors_are_not_remembered(cached: CachedRegistry, inner: Inner) -> None:
    inner.failure = InvalidAddress("no such chain")
    for _ in range(2):
        with pytest.raises(InvalidAddress):
            cached.project(AT, FOO)
    assert inner.calls == 2


def test_a_remembered_error_does_not_grow(cached: CachedRegistry, inner: Inner) -> None:
    inner.failure = ProjectNotFound("none")
    depths = set()
    for _ in range(50):
        try:
            cached.project(AT, FOO)
        except ProjectNotFound as error:
            trace, depth = error.__traceback__, 0
            while trace is not None:
                trace, depth = trace.tb_next, depth + 1
            depths.add(depth)
    assert max(depths) < 10


def test_many_threads_ask_once(inner: Inner, clock: Clock) -> None:
    cached = CachedRegistry(inner, clock=clock)
    inner.gate.clear()
    together, counts = threading.Barrier(13), []

    def ask() -> None:
        together.wait()
        counts.append(cached.project(AT, FOO).count)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    together.wait()
    assert inner.in_flight.wait(HANGS)
    inner.gate.set()
    for thread in threads:
        thread.join()
    assert counts == [1] * 12
    assert inner.calls == 1


def test_memory_answers_while_the_chain_is_slow(inner: Inner, clock: Clock) -> None:
    cached = CachedRegistry(inner, clock=clock)
    cached.project(AT, BAR)
    inner.in_flight.clear()
    inner.gate.clear()
    thread = threading.Thread(target=cached.project, args=(AT, FOO))
    thread.start()
    assert inner.in_flight.wait(HANGS)
    for _ in range(1000):
        assert cached.peek(AT, BAR) is not None
        assert cached.peek(AT, FOO) is None
    assert thread.is_alive(), "the chain has not answered yet"
    inner.gate.set()
    thread.join()


def test_memory_is_bounded(inner: Inner, clock: Clock) -> None:
    cached = CachedRegistry(inner, clock=clock, max_weight=10)
    for number in range(30):
        cached.project(AT, ProjectName(f"p{number}"))
    cached_numbers = [number for number in range(30) if cached.peek(AT, ProjectName(f"p{number}")) is not None]
    assert cached_numbers == list(range(20, 30))


def test_absent_names_do_not_push_out_pages(inner: Inner, clock: Clock) -> None:
    cached = CachedRegistry(inner, clock=clock, max_weight=10)
    cached.project(AT, FOO)
    inner.failure = ProjectNotFound("none")
    for number in range(100):
        with pytest.raises(ProjectNotFound):
            cached.project(AT, ProjectName(f"p{number}"))
    assert cached.peek(AT, FOO) is not None


def test_lifetimes_can_be_chosen(inner: Inner, clock: Clock) -> None:
    cached = CachedRegistry(inner, lifetimes=Lifetimes(fresh=100, stale=0), clock=clock)
    cached.project(AT, FOO)
    clock.now += 99
    assert cached.project(AT, FOO).count == 1
    clock.now += 2
    inner.failure = Upstream("no node")
    with pytest.raises(Upstream):
        cached.project(AT, FOO)


def test_over_a_chain_a_new_release_appears_and_an_outage_is_bridged(clock: Clock) -> None:
    sim = ChainSimulator()
    model = sim.deploy()
    at = sim.address_of(model)
    cached = CachedRegistry(ChainRegistry({"": Chain(sim)}, MemoryLogStore()), clock=clock)
    with pytest.raises(ProjectNotFound):
        cached.project(at, FOO)
    sim.release(model, FOO, "foo-1.0.tar.gz")
    clock.now += 2.1
    assert [file.version for file in cached.project(at, FOO).files] == ["1.0"]
    sim.release(model, FOO, "foo-1.1.tar.gz")
    sim.offline = True
    clock.now += 2.1
    served = cached.serve(at, FOO)
    assert served.stale
    assert [file.version for file in served.value.files] == ["1.0"]
    sim.offline = False
    clock.now += 1.1
    assert [file.version for file in cached.project(at, FOO).files] == ["1.0", "1.1"]
