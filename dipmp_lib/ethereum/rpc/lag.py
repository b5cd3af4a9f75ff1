"""Endpoints that are behind the others, and so know less than the chain does: what they call absent may exist."""

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
    """In seconds. Endpoints in use are asked for their newest block `every` so often.

    One whose block is more than `behind` older than the best one is a laggard. A block from more than `ahead` in the
    future is not believed, or one liar could make laggards of all others. What was seen counts for `memory`.
    """

    every: float = 15.0
    behind: float = 60.0
    ahead: float = 15.0
    memory: float = 120.0


@dataclass(frozen=True, slots=True)
class _Sight:
    age: float  # of the newest block, when it was seen
    seen: float


class LagMonitor:
    """The newest blocks of a chain's endpoints. Looking at them delays no request: it has threads of its own.

    `clock` gives seconds since any beginning, `now` Unix time.
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
        self._sights: dict[int, _Sight] = {}
        self._laggards: frozenset[int] = frozenset()  # as far as they were told

    def guarded(self) -> tuple[Endpoint, ...]:
        """Return the endpoints, each of which is excluded while it is behind the others."""
        return tuple(_Guarded(self, index, endpoint) for index, endpoint in enumerate(self._endpoints))

    def look(self) -> None:
        """Look at the endpoints, if it is time to do so again."""
        with self._lock:
            if self._clock() < self._next:
                return
            self._next = self._clock() + self._rules.every
        for index, endpoint in enumerate(self._endpoints):
            if endpoint.standing() is not Standing.EXCLUDED:
                threading.Thread(target=self._look_at, args=(index,), name="newest block", daemon=True).start()

    def lag(self, index: int) -> float:
        """Return how many seconds an endpoint is behind the best one; 0 where that is too little to matter."""
        with self._lock:
            return self._lag(index)

    def _lag(self, index: int) -> float:
        oldest = self._clock() - self._rules.memory
        ages = {key: sight.age for key, sight in self._sights.items() if sight.seen >= oldest}
        best = min((age for age in ages.values() if age >= -self._rules.ahead), default=None)
        if best is None or index not in ages:
            return 0.0
        lag = ages[index] - best
        return lag if lag > self._rules.behind else 0.0

    def _look_at(self, index: int) -> None:
        endpoint = self._endpoints[index]
        try:
            block = newest_block_time(endpoint)
        except (Upstream, Malformed):
            return
        with self._lock:
            self._sights[index] = _Sight(self._now() - block, self._clock())
            before = self._laggards
            self._laggards = frozenset(each for each in range(len(self._endpoints)) if self._lag(each))
            new = self._laggards - before
        for each in new:
            self._telemetry.tell(Event.RPC_EXCLUDED, endpoint=str(self._endpoints[each]))


class _Guarded:
    """Implements Endpoint."""

    def __init__(self, heads: LagMonitor, index: int, endpoint: Endpoint) -> None:
        self._heads = heads
        self._index = index
        self._endpoint = endpoint

    def __str__(self) -> str:
        return str(self._endpoint)

    def standing(self) -> Standing:
        """Return what is thought of the endpoint now."""
        return Standing.EXCLUDED if self._heads.lag(self._index) else self._endpoint.standing()

    def doubt(self) -> None:
        """Let the others go first for a while."""
        self._endpoint.doubt()

    def request(self, method: str, params: Sequence[object]) -> object:
        """Return the endpoint's answer. Raises as the port says, and RpcError while the endpoint is behind."""
        lag = self._heads.lag(self._index)
        if lag:
            raise RpcError(f"{self} is {lag:.0f} s behind the other endpoints")
        try:
            answer = self._endpoint.request(method, params)
        except ANSWERS:
            self._heads.look()
            raise
        self._heads.look()  # only once an endpoint works: in an outage nobody is asked more than need be
        return answer
