"""Worker threads: who waits for whom, and what becomes of work that nobody wants any more."""

import threading
from contextvars import ContextVar
from functools import partial

import anyio
import pytest

from dipmp_lib.errors import Upstream
from dipmp_lib.server.policy import Tier
from dipmp_lib.server.workers import ThreadLimits, Workers
from tests.support.waiting import HANGS, until

SMALL = {Tier.PINNED: ThreadLimits(3, 4, 2, 3), Tier.OPEN: ThreadLimits(1, 1, 1, 1)}
marker: ContextVar[str] = ContextVar("marker", default="")


class Gate:
    """Work that waits until it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.running: list[object] = []
        self.most = 0
        self.done: list[object] = []
        self._lock = threading.Lock()

    def pass_through(self, name: object) -> object:
        with self._lock:
            self.running.append(name)
            self.most = max(self.most, len(self.running))
        self.go.wait(HANGS)
        with self._lock:
            self.running.remove(name)
            self.done.append(name)
        return name


def small(budget: float = 10.0) -> Workers:
    return Workers(lambda key: Tier.OPEN if str(key).startswith("open") else Tier.PINNED, limits=SMALL, budget=budget)


def test_results_and_errors_come_back_with_their_context() -> None:
    workers = small()

    def fail() -> None:
        raise KeyError("x")

    async def main() -> None:
        marker.set("here")
        assert await workers.run("a", marker.get) == "here"
        assert await workers.run("a", lambda: threading.current_thread().name) != threading.current_thread().name
        with pytest.raises(KeyError):
            await workers.run("a", fail)

    anyio.run(main)


def test_a_workforce_outlives_event_loops() -> None:
    workers = small()
    for number in range(3):
        assert anyio.run(workers.run, "a", partial(int, number)) == number


def test_one_key_has_its_share_and_others_theirs() -> None:
    workers, gate = small(), Gate()

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for number in range(5):
                group.start_soon(workers.run, "a", partial(gate.pass_through, number))
            await until(lambda: len(gate.running) == 2)
            with anyio.fail_after(HANGS):
                assert await workers.run("b", lambda: "b") == "b"
                assert await workers.run("open", lambda: "c") == "c"
            gate.go.set()

    anyio.run(main)
    assert (gate.most, sorted(map(str, gate.done))) == (2, ["0", "1", "2", "3", "4"])


def test_too_much_that_waits_is_refused() -> None:
    workers, gate = small(), Gate()

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for number in range(5):
                group.start_soon(workers.run, "a", partial(gate.pass_through, number))
            for number in range(2):
                group.start_soon(workers.run, f"open{number}", partial(gate.pass_through, number))
            await anyio.wait_all_tasks_blocked()
            for key in ("a", "open3"):  # one has as much waiting as it may, the other's tier has
                with pytest.raises(Upstream, match="too many requests wait"):
                    await workers.run(key, lambda: None)
            gate.go.set()
        assert await workers.run("a", lambda: "again") == "again"
        assert await workers.run("open3", lambda: "again") == "again"

    anyio.run(main)


def test_a_thread_is_free_only_when_its_work_has_ended() -> None:
    workers, gate = small(), Gate()

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for number in range(2):
                group.start_soon(workers.run, "a", partial(gate.pass_through, number))
            await until(lambda: len(gate.running) == 2)
            group.cancel_scope.cancel()
        assert len(gate.running) == 2  # given up on, and still running
        async with anyio.create_task_group() as group:
            group.start_soon(workers.run, "a", lambda: gate.pass_through("late"))
            await anyio.wait_all_tasks_blocked()
            group.cancel_scope.cancel()
        gate.go.set()
        assert await workers.run("a", lambda: "next") == "next"

    anyio.run(main)
    assert "late" not in gate.done  # nobody wanted it any more when its turn came


def test_a_route_has_its_time() -> None:
    workers, gate = small(budget=0.1), Gate()

    @workers.in_time
    async def route() -> object:
        return await workers.run("a", lambda: gate.pass_through(1))

    with pytest.raises(Upstream, match=r"no answer within 0\.1 s"):
        anyio.run(route)
    gate.go.set()
