"""The bounded map and single flight."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.caching import Lru, SingleFlight
from dipmp_lib.errors import ProjectNotFound, Upstream

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


def run(count: int, target: object) -> None:
    assert callable(target)
    threads = [threading.Thread(target=target) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_threads_that_want_the_same_share_one_flight() -> None:
    flights: SingleFlight[str, int] = SingleFlight(5)
    began, results, calls = threading.Barrier(8), [], []

    def work() -> int:
        calls.append(1)
        time.sleep(0.1)
        return 42

    def fly() -> None:
        began.wait()
        results.append(flights.fly("key", work))

    run(8, fly)
    assert results == [42] * 8
    assert len(calls) == 1
    assert flights.fly("key", lambda: 43) == 43


def test_failures_are_shared_and_forgotten() -> None:
    flights: SingleFlight[str, int] = SingleFlight(5)
    began, errors = threading.Barrier(4), []

    def work() -> int:
        time.sleep(0.1)
        raise ProjectNotFound("no such project")

    def fly() -> None:
        began.wait()
        with pytest.raises(ProjectNotFound) as caught:
            flights.fly("key", work)
        errors.append(caught.value)

    run(4, fly)
    assert len(errors) == 4
    assert flights.fly("key", lambda: 1) == 1


def test_other_keys_do_not_wait() -> None:
    flights: SingleFlight[str, int] = SingleFlight(5)
    inside = threading.Event()
    leave = threading.Event()

    def slow() -> int:
        inside.set()
        leave.wait(5)
        return 1

    thread = threading.Thread(target=flights.fly, args=("slow", slow))
    thread.start()
    inside.wait(5)
    assert flights.fly("other", lambda: 2) == 2
    leave.set()
    thread.join()


def test_a_thread_does_not_wait_for_ever() -> None:
    flights: SingleFlight[str, int] = SingleFlight(0.05)
    inside, leave = threading.Event(), threading.Event()

    def slow() -> int:
        inside.set()
        leave.wait(5)
        return 1

    thread = threading.Thread(target=flights.fly, args=("key", slow))
    thread.start()
    inside.wait(5)
    with pytest.raises(Upstream, match="still waiting"):
        flights.fly("key", lambda: 2)
    leave.set()
    thread.join()
