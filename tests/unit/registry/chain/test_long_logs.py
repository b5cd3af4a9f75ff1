"""Long logs: read over several calls and several refreshes, within fixed limits each."""

from contextlib import suppress

import pytest

from dipmp_lib.errors import MalformedLog, Upstream
from dipmp_lib.model.names import ProjectName
from dipmp_lib.registry import MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry, ReadLimits
from tests.support.fakes.chain import ChainSimulator
from tests.support.files.logs import OWNER_KEY
from tests.support.model.contract import ChainModel

FOO = ProjectName("foo")


def flood(sim: ChainSimulator, model: ChainModel, count: int, payload: bytes = b"x") -> None:
    """Append entries of an unknown kind."""
    if not model.blobs:
        sim.append(model, FOO, 0x3F, payload)
        count -= 1
    for _ in range(count):
        model.append(OWNER_KEY, sim.time, FOO, 0x3F, payload)


def reader_of(sim: ChainSimulator, **limits: float) -> tuple[ChainRegistry, MemoryLogStore]:
    store = MemoryLogStore()
    return ChainRegistry({"": Chain(sim)}, store, limits=ReadLimits(**limits)), store  # type: ignore[arg-type]


@pytest.mark.slow
def test_three_thousand_releases() -> None:
    sim = ChainSimulator()
    model = sim.deploy()
    for number in range(3000):
        sim.release(model, FOO, f"foo-{number}.tar.gz")
    reader, _ = reader_of(sim)
    project = reader.project(sim.address_of(model), FOO)
    assert [file.version for file in project.files] == [str(number) for number in range(3000)]
    assert sim.calls.count("eth_call") <= 3


@pytest.mark.slow
@pytest.mark.parametrize("count", [10_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_a_flood_of_tiny_entries_is_read_in_steps(count: int) -> None:
    sim = ChainSimulator()
    model = sim.deploy()
    flood(sim, model, count)
    sim.page_entries = count // 31  # 100,000 are 31 calls, as 10 M gas read 3,250
    reader, store = reader_of(sim, pages=16, seconds=60.0)
    at = sim.address_of(model)
    with pytest.raises(Upstream, match=rf"has {count + 1} entries, of which 5\d+ were read so far") as caught:
        reader.project(at, FOO)
    assert "continues" in caught.value.hint
    sim.reset()
    project = reader.project(at, FOO)
    assert (project.count, project.incomplete) == (count + 1, True)
    assert sim.calls.count("eth_call") <= 17
    assert store.load(at, FOO) is not None
    sim.reset()
    flood(sim, model, 1)
    assert reader.project(at, FOO).count == count + 2
    assert sim.calls == ["eth_call"]


def small() -> tuple[ChainSimulator, ChainModel]:
    sim = ChainSimulator()
    model = sim.deploy()
    flood(sim, model, 40, b"payload")
    sim.page_entries = 3
    return sim, model


def refreshes(reader: ChainRegistry, sim: ChainSimulator, model: ChainModel) -> int:
    """Refresh until the project is there; return how often that took."""
    for number in range(1, 100):
        try:
            project = reader.project(sim.address_of(model), FOO)
        except Upstream:
            continue
        assert project.count == len(model.entries(FOO))
        return number
    pytest.fail("the log never came")


def test_limits_of_calls_and_bytes_bound_a_refresh_not_a_log() -> None:
    sim, model = small()
    assert refreshes(reader_of(sim, pages=2)[0], sim, model) == 7
    one_page = 3 * (4 + 33 + 7)
    assert refreshes(reader_of(sim, total_bytes=one_page)[0], sim, model) == 14
    assert refreshes(reader_of(sim, page_bytes=one_page)[0], sim, model) == 1


def test_a_refresh_ends_when_its_time_is_over() -> None:
    sim, model = small()
    clock = [0.0]

    def tick() -> None:
        clock[0] += 1.0

    sim.before = tick
    reader = ChainRegistry({"": Chain(sim, sim.chain_id)}, MemoryLogStore(), clock=lambda: clock[0])
    sim.calls.clear()
    with pytest.raises(Upstream, match="read so far"):
        reader.project(sim.address_of(model), FOO)
    assert len(sim.calls) <= 6
    assert refreshes(reader, sim, model) < 5


def test_appends_while_a_long_log_is_read() -> None:
    sim, model = small()
    reader, _ = reader_of(sim, pages=3)
    sim.before = lambda: flood(sim, model, 1)
    for _ in range(30):
        with suppress(Upstream):
            assert reader.project(sim.address_of(model), FOO).count > 40
    sim.before = None
    assert refreshes(reader, sim, model) <= 2


def test_an_outage_while_a_long_log_is_read_loses_nothing() -> None:
    sim, model = small()
    reader, _ = reader_of(sim)

    def fail_now_and_then() -> None:
        sim.offline = len(sim.calls) % 5 == 0

    sim.before = fail_now_and_then
    refreshes(reader, sim, model)
    assert sim.calls.count("eth_call") < 30


def test_a_reorganisation_while_a_long_log_is_read() -> None:
    sim, model = small()
    other = ChainSimulator()
    flood(other, other.deploy(), 35, b"another")
    reader, _ = reader_of(sim, pages=4)
    with pytest.raises(Upstream):
        reader.project(sim.address_of(model), FOO)
    sim.reorganise_to(other)
    assert refreshes(reader, sim, sim.registries[model.address]) < 20


def test_an_incremental_refresh_may_be_long_too() -> None:
    sim, model = small()
    reader, store = reader_of(sim, pages=4)
    refreshes(reader, sim, model)
    held = store.load(sim.address_of(model), FOO)
    assert held is not None
    flood(sim, model, 60)
    sim.reset()
    refreshes(reader, sim, model)
    assert sim.page_bytes == 60 * (4 + 33 + 1)


def test_a_log_beyond_the_memory_of_a_reader_says_so() -> None:
    sim, model = small()
    reader, _ = reader_of(sim, log_bytes=5_000)
    for _ in range(3):
        with pytest.raises(Upstream, match="more than this reader has memory for"):
            reader.project(sim.address_of(model), FOO)
    assert sim.calls.count("eth_call") < 20


def test_a_lie_while_a_long_log_is_read() -> None:
    sim, model = small()
    reader, _ = reader_of(sim, pages=4)
    with pytest.raises(Upstream):
        reader.project(sim.address_of(model), FOO)
    sim.lie = lambda a: (a[0], a[1], a[2], a[3][:-1] + bytes([a[3][-1] ^ 1]) if a[3] else b"")
    for _ in range(30):
        with pytest.raises((MalformedLog, Upstream)):
            reader.project(sim.address_of(model), FOO)
    sim.lie = None
    refreshes(reader, sim, model)
