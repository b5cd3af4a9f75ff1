"""Failover and hedged requests among the endpoints of one chain, and agreement between them."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

from ...errors import DipmpError, Malformed, RpcError, Upstream
from ...http.race import Race, RaceError
from ...telemetry import SILENCE, Event, Telemetry
from .port import ANSWERS, Endpoint, Rpc, Standing

T = TypeVar("T")

SHARE = 0.1
BURST = 10.0


class HedgeBudget:
    """Budget of hedges: a `share` of the requests, and a `burst` of them at once. Safe to use from several threads."""

    def __init__(self, share: float = SHARE, burst: float = BURST) -> None:
        self._share = share
        self._burst = burst
        self._left = burst
        self._lock = threading.Lock()

    def requested(self) -> None:
        """Count a request, which adds to the budget."""
        with self._lock:
            self._left = min(self._burst, self._left + self._share)

    def take(self) -> bool:
        """Take one hedge out of the budget; return whether there was one."""
        with self._lock:
            if self._left < 1:
                return False
            self._left -= 1
            return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Limits of one request: after `hedge` seconds the next endpoint is asked as well, of at most `attempts`.

    After `seconds` the request fails.
    """

    hedge: float = 0.6
    attempts: int = 3
    seconds: float = 6.0


class HedgedRpc:
    """Asks endpoints in order of standing; the first answer wins. Safe to use from several threads.

    Reverted and Exhausted are answers; every other failure moves on to the next endpoint at once. An attempt that lost
    ends in its thread, by its own deadline.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        *,
        patience: Patience | None = None,
        budget: HedgeBudget | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not endpoints:
            raise ValueError("at least one endpoint is needed")
        self._endpoints = tuple(endpoints)
        self._patience = patience or Patience()
        self._budget = budget or HedgeBudget()
        self._race: Race[Endpoint, _Answer] = Race(
            submit=_in_thread,
            failures=(Upstream, Malformed),
            hedge=self._patience.hedge,
            patience=self._patience.seconds,
            max_running=self._patience.attempts,
            take_hedge=self._budget.take,
            late=_doubt_newest,
            clock=clock,
        )

    def request(self, method: str, params: Sequence[object]) -> object:
        """Return the first answer. Raises as the port says; RpcError where no endpoint answers."""
        return self.ask(method, params, [])

    def ask(self, method: str, params: Sequence[object], answered: list[Endpoint]) -> object:
        """Do as `request` does, and add the endpoint whose answer it is to `answered`."""
        if len(self._endpoints) == 1:
            answered += self._endpoints
            return self._endpoints[0].request(method, params)
        self._budget.requested()
        candidates = by_standing(self._endpoints)[: self._patience.attempts]
        try:
            answer = self._race.run(candidates, lambda endpoint, _left: _call(endpoint, method, params))
        except RaceError as error:
            raise self._none_answered(error) from None
        answered.append(answer.endpoint)
        if answer.error is not None:
            raise answer.error
        return answer.result

    def _none_answered(self, error: RaceError) -> DipmpError:
        if error.timed_out:
            return RpcError(f"no endpoint answered within {self._patience.seconds:g} s")
        return combined(error.failures)


class RecordingRpc:
    """Implements Rpc over several endpoints, and records in `answered` those whose answers were used."""

    def __init__(self, rpc: HedgedRpc) -> None:
        self._rpc = rpc
        self.answered: list[Endpoint] = []

    def request(self, method: str, params: Sequence[object]) -> object:
        """Return the first answer. Raises as HedgedRpc.request does."""
        return self._rpc.ask(method, params, self.answered)


def by_standing(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """Return the endpoints, best first, without those that are excluded.

    Where all are excluded, all are returned: their errors say why they cannot be asked.
    """
    ranked = sorted(((endpoint.standing(), endpoint) for endpoint in endpoints), key=lambda pair: pair[0])
    usable = [endpoint for standing, endpoint in ranked if standing is not Standing.EXCLUDED]
    return usable or [endpoint for _, endpoint in ranked]


@dataclass(frozen=True, slots=True)
class _Answer:
    """The result of a call at one endpoint, or the error that a contract's code led to."""

    endpoint: Endpoint
    result: object = None
    error: DipmpError | None = None


def _call(endpoint: Endpoint, method: str, params: Sequence[object]) -> _Answer:
    try:
        return _Answer(endpoint, endpoint.request(method, params))
    except ANSWERS as error:
        return _Answer(endpoint, error=error)


def _in_thread(function: Callable[[], T]) -> Future[T]:
    """Run a function in a thread of its own, which delays neither other requests nor the end of the process."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()
    threading.Thread(target=_run_into, args=(future, function), name="rpc", daemon=True).start()
    return future


def _run_into(future: Future[T], function: Callable[[], T]) -> None:
    try:
        future.set_result(function())
    except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
        future.set_exception(error)


def _doubt_newest(running: Sequence[Endpoint]) -> None:
    running[-1].doubt()


def combined(failures: Sequence[DipmpError]) -> DipmpError:
    """Return one error with the messages of all failures."""
    if len(failures) == 1:
        return failures[0]
    last = next((failure for failure in reversed(failures) if isinstance(failure, RpcError)), None)
    message = "none of the endpoints could answer: " + "; ".join(map(str, failures))
    hint = next((failure.hint for failure in failures if failure.hint), "")
    return RpcError(message, code=last.code if last else None, data=last.data if last else "", hint=hint)


def agree(
    endpoints: Sequence[Rpc], ask: Callable[[Rpc], T], what: str, *, witnesses: int, telemetry: Telemetry = SILENCE
) -> T:
    """Return the answer that `witnesses` endpoints, asked in turn, give alike.

    Endpoints that cannot be asked do not count. Raises Upstream where two answers differ, which is also reported, and
    where there are too few; `what` completes "endpoints disagree on …".
    """
    answers: list[T] = []
    for endpoint in endpoints:
        try:
            answers.append(ask(endpoint))
        except (Upstream, Malformed):
            continue
        if answers[-1] != answers[0]:
            telemetry.tell(Event.RPC_DISAGREEMENT, endpoint=str(endpoint))
            raise Upstream(f"endpoints disagree on {what}")
        if len(answers) == witnesses:
            return answers[0]
    raise Upstream(f"too few endpoints could be asked for {what}")
