"""Lag of endpoints: one that is behind the others is excluded, as what it calls absent may exist."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...errors import Malformed, RpcError, Upstream
from ...telemetry import SILENCE, Event, Telemetry
from .methods import newest_block_time
from .port import ANSWERS, Endpoint, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class LagRules:
    """Rules of the lag monitor, in seconds. Endpoints in use are polled for their newest block `every` so often.

    One whose block is more than `behind` older than the best one lags. A block from more than `ahead` in the future is
    ignored, or one liar could exclude all others. An observation counts for `memory`.
    """

    every: float = 15.0
    behind: float = 60.0
    ahead: float = 15.0
    memory: float = 120.0


@dataclass(frozen=True, slots=True)
class _Observation:
    age: float  # of the newest block at the time of the poll
    at: float


class LagMonitor:
    """Monitors the newest blocks of a chain's endpoints, in threads of its own, so that no request waits for it.

    `clock` is monotonic, `now` Unix time.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        *,
        rules: LagRules | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        telemetry: Telemetry = SILENCE,
    ) -> None:
        self._endpoints = tuple(endpoints)
        self._rules = rules or LagRules()
        self._clock = clock
        self._now = now
        self._telemetry = telemetry
        self._lock = threading.Lock()
        self._next = float("-inf")
        self._observations: dict[int, _Observation] = {}
        self._laggards: frozenset[int] = frozenset()  # those that were reported

    def monitored(self) -> tuple[Endpoint, ...]:
        """Return the endpoints, wrapped so that each is excluded while it is behind the others."""
        return tuple(_MonitoredEndpoint(self, index, endpoint) for index, endpoint in enumerate(self._endpoints))

    def poll(self) -> None:
        """Ask the endpoints for their newest blocks, unless that was done less than `every` seconds ago."""
        with self._lock:
            if self._clock() < self._next:
                return
            self._next = self._clock() + self._rules.every
        for index, endpoint in enumerate(self._endpoints):
            if endpoint.standing() is not Standing.EXCLUDED:
                threading.Thread(target=self._poll_one, args=(index,), name="newest block", daemon=True).start()

    def lag(self, index: int) -> float:
        """Return how many seconds an endpoint is behind the best one; 0 where that is within `behind`."""
        with self._lock:
            return self._lag(index)

    def _lag(self, index: int) -> float:
        oldest = self._clock() - self._rules.memory
        ages = {key: observation.age for key, observation in self._observations.items() if observation.at >= oldest}
        best = min((age for age in ages.values() if age >= -self._rules.ahead), default=None)
        if best is None or index not in ages:
            return 0.0
        lag = ages[index] - best
        return lag if lag > self._rules.behind else 0.0

    def _poll_one(self, index: int) -> None:
        endpoint = self._endpoints[index]
        try:
            block = newest_block_time(endpoint)
        except (Upstream, Malformed):
            return
        with self._lock:
            self._observations[index] = _Observation(self._now() - block, self._clock())
            before = self._laggards
            self._laggards = frozenset(each for each in range(len(self._endpoints)) if self._lag(each))
            new = self._laggards - before
        for each in new:
            self._telemetry.tell(Event.RPC_EXCLUDED, endpoint=str(self._endpoints[each]))


class _MonitoredEndpoint:
    """Implements Endpoint; excluded while the monitor sees it lag."""

    def __init__(self, monitor: LagMonitor, index: int, endpoint: Endpoint) -> None:
        self._monitor = monitor
        self._index = index
        self._endpoint = endpoint

    def __str__(self) -> str:
        return str(self._endpoint)

    def standing(self) -> Standing:
        """Return the standing of the endpoint, EXCLUDED while it lags."""
        return Standing.EXCLUDED if self._monitor.lag(self._index) else self._endpoint.standing()

    def doubt(self) -> None:
        """Count the endpoint as slow."""
        self._endpoint.doubt()

    def request(self, method: str, params: Sequence[object]) -> object:
        """Return the endpoint's answer. Raises as the port says, and RpcError while the endpoint is behind."""
        lag = self._monitor.lag(self._index)
        if lag:
            raise RpcError(f"{self} is {lag:.0f} s behind the other endpoints")
        try:
            answer = self._endpoint.request(method, params)
        except ANSWERS:
            self._monitor.poll()
            raise
        self._monitor.poll()  # after answers only: an outage is no time for more requests
        return answer
