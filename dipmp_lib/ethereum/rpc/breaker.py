"""Circuit breaker: an endpoint that fails again and again gets no requests for a while."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...errors import DipmpError, Malformed, RpcError, Upstream, WrongChain
from ...telemetry import SILENCE, Event, Telemetry
from .port import ANSWERS, Rpc, Standing

_EXECUTION_CODES = frozenset({-32000, -32015, -32603})
"""Codes of any failure, also of one while a contract ran: a hostile contract must not open breakers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerRules:
    """Rules of a breaker: it opens at `consecutive` failures, or at a `share` of the last `window` requests.

    After `rest` seconds it is half-open: one request passes, on whose outcome it closes or opens again. An endpoint
    that failed or was slow is asked after the others for `doubt` seconds.
    """

    consecutive: int = 5
    window: int = 20
    share: float = 0.5
    rest: float = 10.0
    doubt: float = 10.0


class Breaker:
    """Circuit breaker around one endpoint; implements Endpoint. Safe to use from several threads."""

    def __init__(
        self,
        rpc: Rpc,
        *,
        rules: BreakerRules | None = None,
        clock: Callable[[], float] = time.monotonic,
        telemetry: Telemetry = SILENCE,
    ) -> None:
        self._rpc = rpc
        self._rules = rules or BreakerRules()
        self._clock = clock
        self._telemetry = telemetry
        self._lock = threading.Lock()
        self._outcomes: deque[bool] = deque(maxlen=self._rules.window)
        self._failures = 0  # in a row
        self._doubted_until = float("-inf")
        self._opened: float | None = None
        self._tried = False

    def __str__(self) -> str:
        return str(self._rpc)

    def standing(self) -> Standing:
        """Return EXCLUDED while the breaker is open, DOUBTED a while after a failure or a slow answer, else GOOD."""
        with self._lock:
            if self._rests():
                return Standing.EXCLUDED
            return Standing.DOUBTED if self._clock() < self._doubted_until else Standing.GOOD

    def doubt(self) -> None:
        """Count the endpoint as slow: the others are asked first for a while."""
        with self._lock:
            self._doubted_until = self._clock() + self._rules.doubt

    def request(self, method: str, params: Sequence[object]) -> object:
        """Return the endpoint's answer. Raises as the port says, and RpcError while the breaker is open."""
        trial = self._enter()
        try:
            answer = self._rpc.request(method, params)
        except (Upstream, Malformed) as error:
            self._leave(error, trial=trial)
            raise
        except BaseException:
            self._leave(None, trial=trial)
            raise
        self._leave(None, trial=trial)
        return answer

    def _rests(self) -> bool:
        return self._opened is not None and (self._tried or self._clock() < self._opened + self._rules.rest)

    def _enter(self) -> bool:
        """Return whether the request is the trial on which the breaker closes or stays open."""
        with self._lock:
            if self._rests():
                raise RpcError(f"{self._rpc} failed too often and is left alone for a moment")
            self._tried = self._opened is not None
            return self._tried

    def _leave(self, error: DipmpError | None, *, trial: bool) -> None:
        answered = error is None or isinstance(error, ANSWERS)
        with self._lock:
            opened = (trial or answered or not _may_be_the_contracts(error)) and self._count(ok=answered, trial=trial)
        if not answered:
            kind = Event.RPC_EXCLUDED if isinstance(error, WrongChain) else Event.RPC_FAILED
            self._telemetry.tell(kind, endpoint=str(self._rpc))
        if opened:
            self._telemetry.tell(Event.RPC_BREAKER_OPENED, endpoint=str(self._rpc))

    def _count(self, *, ok: bool, trial: bool) -> bool:
        """Count an outcome; return whether it opened the breaker."""
        if self._opened is not None and not trial:
            return False  # it began before the breaker opened
        self._tried = False
        if trial:
            self._outcomes.clear()
        self._outcomes.append(ok)
        if ok:
            self._opened, self._failures = None, 0
            return False
        self._failures += 1
        now = self._clock()
        self._doubted_until = now + self._rules.doubt
        if trial or self._failures >= self._rules.consecutive or self._fails_often():
            self._opened = now
        return self._opened is not None and not trial

    def _fails_often(self) -> bool:
        full = len(self._outcomes) == self._rules.window
        return full and self._outcomes.count(False) >= self._rules.share * self._rules.window


def _may_be_the_contracts(error: DipmpError | None) -> bool:
    """Tell whether an error may be due to the contract that was called rather than to the endpoint."""
    return isinstance(error, RpcError) and error.code in _EXECUTION_CODES
