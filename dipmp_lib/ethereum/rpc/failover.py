"""Several endpoints of one chain as one: failover when one fails, a hedge when one is slow."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TypeVar

from ...errors import DipmpError, Malformed, RpcError, Upstream
from ...telemetry import SILENCE, Event, Telemetry
from .port import ANSWERS, Endpoint, Rpc, Standing

SHARE = 0.1
BURST = 10.0


class HedgeBudget:
    """Hedges for a `share` of the requests, and for a `burst` of them at once. Safe to use from several threads."""

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
        """Take one hedge out of the budget, if there is one."""
        with self._lock:
            if self._left < 1:
                return False
            self._left -= 1
            return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long one request may take. `hedge` is the seconds after which the next endpoint is asked as well.

    At most `attempts` endpoints are asked, and after `seconds` nobody is waited for any more.
    """

    hedge: float = 0.6
    attempts: int = 3
    seconds: float = 6.0


class HedgedRpc:
    """Asks endpoints in order of standing; the first answer wins. Safe to use from several threads.

    What a contract's code leads to (Reverted, Exhausted) is an answer: it does not move on. Everything else does, at
    once. An attempt that nobody waits for any more ends in its thread, by its own deadline.
    """

    def __init__(
        self, endpoints: Sequence[Endpoint], *, patience: Patience | None = None, budget: HedgeBudget | None = None
    ) -> None:
        if not endpoints:
            raise ValueError("at least one endpoint is needed")
        self._endpoints = tuple(endpoints)
        self._patience = patience or Patience()
        self._budget = budget or HedgeBudget()

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
        return _Race(method, params, candidates, self._patience, self._budget).run(answered)


class RecordingRpc:
    """Implements Rpc over several endpoints; `answered` are those whose answers were taken."""

    def __init__(self, rpc: HedgedRpc) -> None:
        self._rpc = rpc
        self.answered: list[Endpoint] = []

    def request(self, method: str, params: Sequence[object]) -> object:
        """Return the first answer. Raises as HedgedRpc.request does."""
        return self._rpc.ask(method, params, self.answered)


def by_standing(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """Return the endpoints, best first. Those that are excluded come only where there are no others.

    Then they say themselves why they cannot be asked.
    """
    ranked = sorted(((endpoint.standing(), endpoint) for endpoint in endpoints), key=lambda pair: pair[0])
    usable = [endpoint for standing, endpoint in ranked if standing is not Standing.EXCLUDED]
    return usable or [endpoint for _, endpoint in ranked]


class _Race:
    """One request at several endpoints."""

    def __init__(
        self,
        method: str,
        params: Sequence[object],
        candidates: Sequence[Endpoint],
        patience: Patience,
        budget: HedgeBudget,
    ) -> None:
        self._call = method, params
        self._candidates: Iterator[Endpoint] = iter(candidates)
        self._left = len(candidates)
        self._hedging = True
        self._patience = patience
        self._budget = budget
        self._ends = time.monotonic() + patience.seconds
        self._outcomes: SimpleQueue[tuple[Endpoint, object, BaseException | None]] = SimpleQueue()
        self._running: list[Endpoint] = []

    def run(self, answered: list[Endpoint]) -> object:
        """Return the first answer."""
        failures: list[DipmpError] = []
        self._start()
        while True:
            outcome = self._next_outcome()
            if outcome is None:
                raise RpcError(f"no endpoint answered within {self._patience.seconds:g} s")
            endpoint, answer, error = outcome
            if error is None or isinstance(error, ANSWERS):
                answered.append(endpoint)
            if error is None:
                return answer
            if isinstance(error, ANSWERS) or not isinstance(error, Upstream | Malformed):
                raise error
            failures.append(error)
            self._running.remove(endpoint)
            if self._left:
                self._start()
            elif not self._running:
                raise combined(failures)

    def _next_outcome(self) -> tuple[Endpoint, object, BaseException | None] | None:
        """Wait for an attempt to end, starting others when the newest one takes long; None when time is over."""
        while (left := self._ends - time.monotonic()) > 0:
            may_hedge = self._hedging and self._left > 0 and self._patience.hedge < left
            try:
                return self._outcomes.get(timeout=self._patience.hedge if may_hedge else left)
            except Empty:
                if may_hedge:
                    self._hedge()
        return None

    def _hedge(self) -> None:
        self._running[-1].doubt()
        if self._budget.take():
            self._start()
        else:
            self._hedging = False  # everything seems to be slow: what runs is waited for

    def _start(self) -> None:
        self._left -= 1
        endpoint = next(self._candidates)
        self._running.append(endpoint)
        threading.Thread(target=self._attempt, args=(endpoint,), name="rpc", daemon=True).start()

    def _attempt(self, endpoint: Endpoint) -> None:
        try:
            self._outcomes.put((endpoint, endpoint.request(*self._call), None))
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self._outcomes.put((endpoint, None, error))


def combined(failures: Sequence[DipmpError]) -> DipmpError:
    """Return one error that says what all of them say."""
    if len(failures) == 1:
        return failures[0]
    last = next((failure for failure in reversed(failures) if isinstance(failure, RpcError)), None)
    message = "none of the endpoints could answer: " + "; ".join(map(str, failures))
    hint = next((failure.hint for failure in failures if failure.hint), "")
    return RpcError(message, code=last.code if last else None, data=last.data if last else "", hint=hint)


T = TypeVar("T")


def agree(
    endpoints: Sequence[Rpc], ask: Callable[[Rpc], T], what: str, *, witnesses: int, telemetry: Telemetry = SILENCE
) -> T:
    """Ask endpoints in turn until so many of them gave the same answer, and return it.

    Endpoints that cannot be asked do not count. Raises Upstream where two answers differ, which is also told, and
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
