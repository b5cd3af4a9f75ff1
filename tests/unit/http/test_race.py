"""Hedged requests, in time that passes only while the race waits."""

import heapq
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import GatewayError, InvalidInput, Upstream
from dipmp_lib.http.race import Race, RaceError, first_completed

HEDGE, PATIENCE, MAX_RUNNING = 10, 100, 3


@dataclass(frozen=True, slots=True)
class Attempt:
    """Ends after `seconds` with a result or an exception."""

    name: str
    seconds: float
    outcome: object


class Timeline:
    """The clock, the executor and the waiting of a race; `log` is what happened, with the moment."""

    def __init__(self, budget: int = 99, *, threads: int = 99) -> None:
        self.now = 0.0
        self.log: list[tuple[float, str]] = []
        self.budget = budget
        self.left: list[float] = []
        self._threads = threads
        self._queue: list[tuple[Future[object], Callable[[], object]]] = []
        self._ending: list[tuple[float, int, Future[object], Attempt]] = []
        self._order = count()

    def run(self, *attempts: Attempt, hedge: float = HEDGE, max_running: int = MAX_RUNNING) -> object:
        race: Race[Attempt, object] = Race(
            submit=self.submit,
            failures=(Upstream,),
            hedge=hedge,
            patience=PATIENCE,
            max_running=max_running,
            take_hedge=self.take_hedge,
            late=lambda running: self.tell("late", running),
            lost=lambda running: self.tell("lost", running),
            clock=lambda: self.now,
            wait=self.wait,
        )
        return race.run(attempts, self.begin)

    def tell(self, what: str, attempts: Sequence[Attempt] = ()) -> None:
        self.log.append((self.now, " ".join([what, *(attempt.name for attempt in attempts)])))

    def take_hedge(self) -> bool:
        self.budget -= 1
        return self.budget >= 0

    def submit(self, function: Callable[[], object]) -> Future[object]:
        future: Future[object] = Future()
        self._queue.append((future, function))
        self._start_queued()
        return future

    def begin(self, attempt: Attempt, left: float) -> object:
        """Stand for the work of an attempt: note when it begins; `_start_queued` gives it its end."""
        self.tell("start", [attempt])
        self.left.append(left)
        return attempt

    def _start_queued(self) -> None:
        while self._queue and len(self._ending) < self._threads:
            future, function = self._queue.pop(0)
            if future.set_running_or_notify_cancel():
                attempt = function()
                assert isinstance(attempt, Attempt)
                heapq.heappush(self._ending, (self.now + attempt.seconds, next(self._order), future, attempt))

    def wait(self, futures: Collection[Future[object]], seconds: float) -> Collection[Future[object]]:
        """Let time pass until one of the attempts ends, or all of the seconds."""
        self._start_queued()
        ends = self.now + seconds
        while not (done := [future for future in futures if future.done()]):
            if not self._ending or self._ending[0][0] > ends:
                self.now = ends
                return []
            self.now = self._ending[0][0]
            while self._ending and self._ending[0][0] == self.now:
                _, _, future, attempt = heapq.heappop(self._ending)
                self._end(future, attempt.outcome)
        return done

    @staticmethod
    def _end(future: Future[object], outcome: object) -> None:
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


def down(name: str) -> Upstream:
    return Upstream(f"{name} is down")


def quick(name: str, outcome: object = "answer") -> Attempt:
    return Attempt(name, 1, outcome)


def slow(name: str, seconds: float = 50, outcome: object = "late answer") -> Attempt:
    return Attempt(name, seconds, outcome)


def test_a_quick_answer_starts_no_other_attempt() -> None:
    time = Timeline()
    assert time.run(quick("a", "from a"), quick("b")) == "from a"
    assert time.log == [(0, "start a")]
    assert time.left == [PATIENCE]


def test_a_failure_starts_the_next_attempt_at_once() -> None:
    time = Timeline()
    assert time.run(quick("a", down("a")), quick("b", down("b")), quick("c", "from c")) == "from c"
    assert time.log == [(0, "start a"), (1, "start b"), (2, "start c")]
    assert time.left == [100, 99, 98]


def test_an_attempt_that_is_late_gets_company_and_loses() -> None:
    time = Timeline()
    assert time.run(slow("a"), quick("b", "from b")) == "from b"
    assert time.log == [(0, "start a"), (10, "late a"), (10, "start b"), (11, "lost a")]


def test_a_late_attempt_may_still_win() -> None:
    time = Timeline()
    assert time.run(slow("a", 15), slow("b")) == "late answer"
    assert time.log == [(0, "start a"), (10, "late a"), (10, "start b"), (15, "lost b")]


def test_each_hedge_names_all_attempts_that_run_oldest_first() -> None:
    time = Timeline()
    assert time.run(slow("a"), slow("b"), quick("c")) == "answer"
    assert [entry for entry in time.log if "start" not in entry[1]] == [
        (10, "late a"),
        (20, "late a b"),
        (21, "lost a b"),
    ]


def test_a_failure_begins_the_wait_for_the_next_hedge_anew() -> None:
    time = Timeline()
    assert time.run(Attempt("a", 9, down("a")), slow("b"), quick("c")) == "answer"
    assert time.log == [(0, "start a"), (9, "start b"), (19, "late b"), (19, "start c"), (20, "lost b")]


def test_the_last_attempt_is_waited_for_without_being_called_late() -> None:
    time = Timeline()
    assert time.run(quick("a", down("a")), slow("b")) == "late answer"
    assert time.log == [(0, "start a"), (1, "start b")]


def test_no_more_run_at_the_same_time_than_may() -> None:
    time = Timeline()
    attempts = [slow("a", outcome=down("a")), *(slow(name, 90) for name in "bcde")]
    assert time.run(*attempts) == "late answer"
    starts = [entry for entry in time.log if "start" in entry[1]]
    assert starts == [(0, "start a"), (10, "start b"), (20, "start c"), (50, "start d")]


def test_failures_of_the_same_moment_start_one_attempt_each() -> None:
    time = Timeline()
    both = Attempt("a", 25, down("a")), Attempt("b", 15, down("b"))
    assert time.run(*both, quick("c"), quick("d"), max_running=2) == "answer"
    assert time.log == [
        *[(0, "start a"), (10, "late a"), (10, "start b")],
        *[(25, "start c"), (25, "start d"), (26, "lost d")],
    ]


def test_an_answer_beside_a_failure_starts_nothing() -> None:
    time = Timeline()
    assert time.run(Attempt("a", 25, down("a")), Attempt("b", 15, "b"), quick("c"), max_running=2) == "b"
    assert "start c" not in [entry for _, entry in time.log]


def test_when_the_budget_is_spent_attempts_start_after_failures_only() -> None:
    time = Timeline(budget=1)
    assert time.run(slow("a", 90), slow("b", 30, down("b")), slow("c", 30)) == "late answer"
    assert time.log == [
        *[(0, "start a"), (10, "late a"), (10, "start b"), (20, "late a b")],
        *[(40, "start c"), (70, "lost a")],
    ]


def test_without_a_budget_there_are_no_hedges_but_failover() -> None:
    time = Timeline(budget=0)
    assert time.run(slow("a", outcome=down("a")), quick("b")) == "answer"
    assert time.log == [(0, "start a"), (10, "late a"), (50, "start b")]


def test_when_all_failed_the_failures_are_told_in_their_order() -> None:
    time = Timeline()
    attempts = slow("a", 20, down("a")), quick("b", down("b"))
    with pytest.raises(RaceError, match="b is down; a is down") as caught:
        time.run(*attempts)
    assert [str(failure) for failure in caught.value.failures] == ["b is down", "a is down"]
    assert not caught.value.timed_out
    assert not [entry for entry in time.log if "lost" in entry[1]]


def test_no_attempts_are_a_race_without_failures() -> None:
    with pytest.raises(RaceError) as caught:
        Timeline().run()
    assert (caught.value.failures, caught.value.timed_out) == ((), False)


def test_patience_is_for_all_attempts_together() -> None:
    time = Timeline()
    attempts = quick("a", down("a")), slow("b", 200), slow("c", 200), slow("d", 200), slow("e", 200)
    with pytest.raises(RaceError) as caught:
        time.run(*attempts)
    assert caught.value.timed_out
    assert [str(failure) for failure in caught.value.failures] == ["a is down"]
    assert time.log[-1] == (100, "lost b c d")
    assert "start e" not in [entry for _, entry in time.log]


def test_nothing_starts_once_patience_has_ended() -> None:
    time = Timeline(budget=0)
    with pytest.raises(RaceError) as caught:
        time.run(Attempt("a", PATIENCE, down("a")), quick("b"))
    assert caught.value.timed_out
    assert time.log == [(0, "start a"), (10, "late a")]


def test_a_hedge_that_would_come_too_late_is_none() -> None:
    time = Timeline()
    with pytest.raises(RaceError):
        time.run(slow("a", 200), quick("b"), hedge=PATIENCE)
    assert time.log == [(0, "start a"), (100, "lost a")]


@pytest.mark.parametrize("error", [InvalidInput("a bad URL"), KeyError("bug"), KeyboardInterrupt()])
def test_what_is_no_failure_ends_the_race(error: BaseException) -> None:
    time = Timeline()
    with pytest.raises(type(error)):
        time.run(slow("a"), quick("b", error), quick("c"))
    assert time.log[-1] == (11, "lost a")


def test_an_attempt_that_waits_for_a_thread_is_cancelled() -> None:
    time = Timeline(threads=1)
    assert time.run(slow("a", 25), quick("b"), quick("c")) == "late answer"
    time.wait([], 1000)
    assert [entry for _, entry in time.log if "start" in entry] == ["start a"]


def test_an_attempt_that_got_its_thread_late_has_less_time() -> None:
    time = Timeline(threads=1)
    assert time.run(slow("a", 40, down("a")), quick("b")) == "answer"
    assert time.left == [100, 60]


outcomes = st.one_of(st.just("answer"), st.just(GatewayError("down")))
SCRIPTS = st.lists(st.tuples(st.integers(0, 120), outcomes), max_size=7)


@given(SCRIPTS, st.integers(0, 3), st.integers(1, 4))
def test_any_course_keeps_the_limits(script: list[tuple[int, object]], budget: int, max_running: int) -> None:
    time = Timeline(budget)
    attempts = [Attempt(str(name), seconds, outcome) for name, (seconds, outcome) in enumerate(script)]
    result: object = None
    try:
        result = time.run(*attempts, max_running=max_running)
    except RaceError as error:
        result = error
    if isinstance(result, RaceError):
        all_failed = len(result.failures) == len(attempts) and not any(each.outcome == "answer" for each in attempts)
        assert result.timed_out or all_failed
    else:
        assert result == "answer"
    assert time.now <= PATIENCE
    starts = [entry.removeprefix("start ") for _, entry in time.log if entry.startswith("start")]
    assert starts == [attempt.name for attempt in attempts][: len(starts)]
    lost = [entry.split()[1:] for _, entry in time.log if entry.startswith("lost")]
    assert sum(map(len, lost)) <= max_running


def test_with_real_threads_the_answer_comes_from_the_one_that_is_not_held_up() -> None:
    release, lost = threading.Event(), list[str]()
    with ThreadPoolExecutor(2) as pool:
        race: Race[str, str] = Race(
            submit=pool.submit,
            failures=(Upstream,),
            hedge=0.001,
            patience=600,
            max_running=2,
            lost=lost.extend,
        )
        assert race.run(["held", "free"], lambda name, _: name if name == "free" else str(release.wait(600))) == "free"
        assert lost == ["held"]
        release.set()


def test_waiting_ends_with_the_first_future_or_with_time() -> None:
    pending: Future[int] = Future()
    done: Future[int] = Future()
    done.set_result(1)
    assert set(first_completed([pending, done], 600)) == {done}
    assert not first_completed([pending], 0)
