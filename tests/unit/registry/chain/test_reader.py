"""The reader of logs: only what is new travels, and reorganisations are followed."""

import threading
from collections.abc import Sequence

import pytest

from dipmp_lib.errors import MalformedLog, ProjectNotFound
from tests.support.systems.chain_reader import FOO, ChainReader


def test_an_unchanged_log_costs_one_call_and_no_fold(world: ChainReader, monkeypatch: pytest.MonkeyPatch) -> None:
    world.publish("1.0")
    first = world.read()
    world.sim.reset()
    monkeypatch.setattr("dipmp_lib.log.log.fold_project", lambda *_: pytest.fail("folded again"))
    assert world.read() is first
    assert (world.sim.calls, world.sim.page_bytes) == (["eth_call"], 0)


def test_after_one_append_only_the_new_entry_travels(world: ChainReader) -> None:
    world.publish(*map(str, range(50)))
    world.read()
    world.sim.reset()
    world.publish("50")
    assert world.versions() == [str(number) for number in range(51)]
    assert world.sim.calls == ["eth_call"]
    assert world.sim.page_bytes == 4 + len(world.model.blobs[-1])


def test_one_call_reads_a_whole_log(world: ChainReader) -> None:
    world.publish(*map(str, range(300)))
    assert len(world.versions()) == 300
    assert world.sim.calls.count("eth_call") == 1


def test_an_append_between_two_pages_does_not_disturb(world: ChainReader) -> None:
    world.publish(*map(str, range(10)))
    world.sim.page_entries = 3
    world.sim.before = lambda: world.publish(f"9{len(world.sim.calls)}")
    first = world.versions()
    assert first[:10] == [str(number) for number in range(10)]
    world.sim.before = None
    assert world.versions()[: len(first)] == first
    assert len(world.versions()) > len(first)


def test_an_append_between_two_pages_of_a_refresh_does_not_disturb(world: ChainReader) -> None:
    world.publish("0")
    world.read()
    world.publish(*map(str, range(1, 10)))
    world.sim.page_entries = 2
    world.sim.before = lambda: world.publish(f"9{len(world.sim.calls)}")
    assert world.versions()[:10] == [str(number) for number in range(10)]


def test_threads_may_share_a_reader(world: ChainReader) -> None:
    world.publish("0")
    lock = threading.Lock()
    counts: list[list[int]] = [[] for _ in range(6)]
    writing = threading.Event()

    request = world.sim.request

    def one_at_a_time(method: str, params: Sequence[object]) -> object:
        with lock:  # a node answers from one block, which the simulator has no notion of
            return request(method, params)

    world.sim.request = one_at_a_time  # type: ignore[method-assign]

    def read(own: list[int]) -> None:
        while not writing.is_set():
            own.append(world.read().count)
        own.append(world.read().count)

    threads = [threading.Thread(target=read, args=(own,)) for own in counts]
    for thread in threads:
        thread.start()
    for number in range(1, 40):
        with lock:
            world.publish(str(number))
    writing.set()
    for thread in threads:
        thread.join()
    for own in counts:
        assert own == sorted(own)
        assert own[-1] == 41


def test_a_reorganisation_that_reuses_nonces_is_followed(world: ChainReader) -> None:
    world.publish("1.0")
    other = world.sim.fork()
    world.publish("2.0", "3.0")
    assert world.versions() == ["1.0", "2.0", "3.0"]
    other.release(other.registries[world.at.address], FOO, "foo-4.0.tar.gz")
    other.release(other.registries[world.at.address], FOO, "foo-5.0.tar.gz")
    world.sim.reorganise_to(other)
    assert world.versions() == ["1.0", "4.0", "5.0"]  # as many entries, the same nonces
    world.model = world.sim.registries[world.at.address]
    world.publish("6.0")
    assert world.versions() == ["1.0", "4.0", "5.0", "6.0"]


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_reorganisation_to_any_length_is_followed(world: ChainReader, length: int) -> None:
    other = world.sim.fork()
    world.publish("1.0", "2.0")
    world.read()
    for number in range(length):
        other.release(other.registries[world.at.address], FOO, f"foo-{number}.5.tar.gz")
    world.sim.reorganise_to(other)
    assert world.versions() == [f"{number}.5" for number in range(length)]


def test_a_reorganisation_between_two_pages_is_read_again(world: ChainReader) -> None:
    """The pages are wholly from before or wholly from after it, never mixed."""
    world.publish("1", "2", "3")
    other = world.sim.fork()
    world.publish("4", "5", "6")
    for number in range(7, 11):
        other.release(other.registries[world.at.address], FOO, f"foo-{number}.tar.gz")
    world.sim.page_entries = 2

    def reorganise() -> None:
        if world.sim.calls.count("eth_call") == 2:
            world.sim.reorganise_to(other)

    world.sim.before = reorganise
    assert world.versions() == ["1", "2", "3", "7", "8", "9", "10"]


def test_a_lagging_endpoint_does_not_take_entries_away(world: ChainReader) -> None:
    world.publish("1.0")
    lagging = world.sim.fork()
    world.publish("2.0", "3.0")
    newest = world.sim.fork()
    assert len(world.versions()) == 3
    world.sim.reorganise_to(lagging)
    for _ in range(3):
        world.now += 30
        assert len(world.versions()) == 3
    world.sim.reorganise_to(newest)
    assert len(world.versions()) == 3
    world.sim.reorganise_to(lagging)
    world.now += 100
    assert len(world.versions()) == 3  # the wait began anew


def test_entries_that_stay_away_are_believed_to_be_gone(world: ChainReader) -> None:
    empty = world.sim.fork()
    world.publish("1.0")
    shorter = world.sim.fork()
    world.publish("2.0", "3.0")
    world.read()
    world.sim.reorganise_to(shorter)
    world.read()
    world.now += 121
    assert world.versions() == ["1.0"]
    assert world.versions() == ["1.0"]
    world.sim.reorganise_to(empty)
    assert world.versions() == ["1.0"]
    world.now += 121
    with pytest.raises(ProjectNotFound):
        world.read()


def test_a_shorter_log_that_is_no_beginning_is_refused(world: ChainReader) -> None:
    world.publish("1.0", "2.0", "3.0")
    world.read()
    world.sim.lie = lambda answer: (answer[0] - (1 << 160), answer[1], 0, b"")
    with pytest.raises(MalformedLog):
        world.read()
