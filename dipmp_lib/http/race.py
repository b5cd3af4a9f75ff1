"""Hedged requests: the next attempt starts when the one before is late or failed, and the first answer wins.

Source: Dean and Barroso, "The Tail at Scale", 2013, "Hedged requests".
"""

import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..errors import DipmpError

A = TypeVar("A")
T = TypeVar("T")


class RaceError(Exception):
    """No attempt of a race answered. `failures` are in the order in which they came; `timed_out` if patience ended."""

    def __init__(self, failures: Sequence[DipmpError], *, timed_out: bool) -> None:
        super().__init__("; ".join(map(str, failures)))
        self.failures = tuple(failures)
        self.timed_out = timed_out


def first_completed(futures: Collection[Future[T]], seconds: float) -> Collection[Future[T]]:
    """Return the futures that are done as soon as there are any, none after `seconds`."""
    return wait(futures, seconds, FIRST_COMPLETED).done


def _unlimited() -> bool:
    return True


def _ignore(_running: object) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Race(Generic[A, T]):
    """Runs attempts until one answers.

    `submit(function, *arguments)` starts a call in another thread and returns its future, as an Executor does. An
    exception among `failures` makes way for the next attempt, every other one is raised at once.

    Seconds: after `hedge` without an answer the next attempt starts beside those that run, if fewer than `max_running`
    do; `patience` is for all together. Each hedge is asked of `take_hedge` first; once it says no, attempts start after
    failures only. `late` gets the attempts that run when a hedge is due, `lost` those that run when the race is over,
    both in the order in which they started. `clock` is monotonic.
    """

    submit: Callable[..., Future[T]]
    failures: tuple[type[DipmpError], ...]
    hedge: float
    patience: float
    max_running: int
    take_hedge: Callable[[], bool] = _unlimited
    late: Callable[[Sequence[A]], None] = _ignore
    lost: Callable[[Sequence[A]], None] = _ignore
    clock: Callable[[], float] = time.monotonic
    wait: Callable[[Collection[Future[T]], float], Collection[Future[T]]] = first_completed

    def run(self, attempts: Sequence[A], work: Callable[[A, float], T]) -> T:
        """Return what `work(attempt, seconds left)` returns for the first attempt that answers.

        An attempt that is waiting for a thread when the race is over is cancelled; one that runs ends by itself.
        Raises RaceError where none answers, and what `work` raises besides `failures`.
        """
        running: dict[Future[T], A] = {}
        ends = self.clock() + self.patience

        def start(attempt: A) -> None:
            running[self.submit(lambda: work(attempt, ends - self.clock()))] = attempt

        try:
            return self._first(deque(attempts), running, start, ends)
        finally:
            for future in running:
                future.cancel()
            if running:
                self.lost(tuple(running.values()))

    def _first(self, waiting: deque[A], running: dict[Future[T], A], start: Callable[[A], None], ends: float) -> T:
        failures: list[DipmpError] = []
        due, hedging = 1, True
        while waiting or running:
            if (left := ends - self.clock()) <= 0:
                raise RaceError(failures, timed_out=True)
            for _ in range(min(due, len(waiting))):
                start(waiting.popleft())
            may_hedge = hedging and bool(waiting) and len(running) < self.max_running and self.hedge < left
            done = self.wait(running, self.hedge if may_hedge else left)
            if may_hedge and not done:
                self.late(tuple(running.values()))
                hedging = self.take_hedge()
            due = int(may_hedge and not done and hedging)
            for future in [each for each in running if each in done]:
                del running[future]
                error = future.exception()
                if not isinstance(error, self.failures):
                    return future.result()
                failures.append(error)
                due += 1
        raise RaceError(failures, timed_out=False)
