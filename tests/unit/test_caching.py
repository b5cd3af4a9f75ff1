"""The least-recently-used cache and single flight."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.caching import Lru, SingleFlight
from dipmp_lib.errors import ProjectNotFound, Upstream
from tests.support.waiting import HANGS

STEPS = st.lists(st.tuples(st.sampled_from(["put", "get", "pop"]), st.integers(0, 6), st.integers(1, 6)), max_size=60)


@given(STEPS, st.integers(1, 15))
def test_the_map_is_the_model(steps: list[tuple[str, int, int]], limit: int) -> None:
    lru: Lru[int, int] = Lru(limit, lambda weight: weight)
    model: dict[int, int] = {}  # in order of use
    for what, key, weight in steps:
        if what == "put":
            lru.put(key, weight)
            model.pop(key, None)
            if weight <= limit:
                model[key] = weight
            while sum(model.values()) > limit:
                del model[next(iter(model))]
        elif what == "get":
            assert lru.get(key) == model.get(key)
            if key in model:
                model[key] = model.pop(key)
        else:
            assert lru.pop(key) == model.pop(key, None)
        assert len(lru) == len(model)
    assert {key: lru.get(key) for key in range(7)} == {key: model.get(key) for key in range(7)}


class Observed(SingleFlight[str, int]):
    """Counts the threads that join a call."""

    def __init__(self, wait: float | None = 600) -> None:
        super().__init__(wait)
        self._joined = threading.Semaphore(0)

    def _join(self, call: Future[int]) -> int:
        self._joined.release()
        return super()._join(call)

    def await_joined(self, count: int) -> None:
        for _ in range(count):
            assert self._joined.acquire(timeout=HANGS)


def run(count: int, target: Callable[[], object]) -> None:
    threads = [threading.Thread(target=target) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_threads_that_want_the_same_share_one_call() -> None:
    flights, results, calls = Observed(), list[int](), list[int]()

    def work() -> int:
        calls.append(1)
        flights.await_joined(7)
        return 42

    run(8, lambda: results.append(flights.do("key", work)))
    assert results == [42] * 8
    assert len(calls) == 1
    assert flights.do("key", lambda: 43) == 43


def test_failures_are_shared_and_forgotten() -> None:
    flights, errors = Observed(), list[Exception]()

    def work() -> int:
        flights.await_joined(3)
        raise ProjectNotFound("no such project")

    def call() -> None:
        with pytest.raises(ProjectNotFound) as caught:
            flights.do("key", work)
        errors.append(caught.value)

    run(4, call)
    assert len(errors) == 4
    assert flights.do("key", lambda: 1) == 1


@contextmanager
def call_under_way(flights: SingleFlight[str, int], key: str) -> Iterator[None]:
    """Keep another thread inside the work for a key."""
    inside, leave = threading.Event(), threading.Event()

    def slow() -> int:
        inside.set()
        leave.wait(600)
        return 1

    thread = threading.Thread(target=flights.do, args=(key, slow))
    thread.start()
    assert inside.wait(HANGS)
    yield
    leave.set()
    thread.join()


def test_other_keys_do_not_wait() -> None:
    flights: SingleFlight[str, int] = SingleFlight(5)
    with call_under_way(flights, "slow"):
        assert flights.do("other", lambda: 2) == 2


def test_a_thread_does_not_wait_for_ever() -> None:
    flights: SingleFlight[str, int] = SingleFlight(0.01)
    with call_under_way(flights, "key"), pytest.raises(Upstream, match="still waiting"):
        flights.do("key", lambda: 2)


def test_without_a_limit_a_thread_waits_until_the_call_ends() -> None:
    flights, results = Observed(None), list[int]()
    with call_under_way(flights, "key"):
        waiting = threading.Thread(target=lambda: results.append(flights.do("key", lambda: 2)))
        waiting.start()
        flights.await_joined(1)
        assert not results
    waiting.join()
    assert results == [1]
