"""How reliable each gateway was lately.

Scores are those of Helia's trustless gateway client: successes / (attempts + 3 * errors), 1 for one that was not tried.
An attempt that another gateway overtook counts as one without success, so that slow gateways sink. Only the last minute
counts, so that one which recovered is found again.
"""

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from enum import Enum

WINDOW_SECONDS = 60.0
BENCH_SECONDS = 600.0
"""How long a gateway that sent other bytes than a CID names is no redirect target, and is asked after all others."""
PROVEN_SECONDS = 300.0
"""How long content of a file that verified speaks for a gateway."""
_MAX_ATTEMPTS = 64


class Outcome(Enum):
    """What became of an attempt; only the last three count."""

    OPEN = "open"
    ABSENT = "absent"
    """The gateway answered that it does not have what was asked for, which is no fault."""
    LATE = "late"
    SUCCESS = "success"
    ERROR = "error"


class Attempt:
    """One request to one gateway."""

    def __init__(self, time: float) -> None:
        self.time = time
        self.outcome = Outcome.OPEN
        self._lost = False

    def late(self) -> None:
        """Count it although it has no answer yet."""
        if self.outcome is Outcome.OPEN:
            self.outcome = Outcome.LATE

    def lost(self) -> None:
        """Count it as one without success, whatever comes of it now."""
        self.late()
        self._lost = True

    def ended(self, outcome: Outcome) -> None:
        """Count what became of it."""
        if not (self._lost and outcome is Outcome.SUCCESS):
            self.outcome = outcome


class Standing:
    """What is remembered of gateways by their base. Safe to use from several threads. `clock` is monotonic."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._attempts: defaultdict[str, deque[Attempt]] = defaultdict(lambda: deque(maxlen=_MAX_ATTEMPTS))
        self._benched_until: dict[str, float] = {}
        self._proven_until: dict[str, float] = {}

    def order(self, bases: Iterable[str]) -> list[str]:
        """Return the gateways, best first; of equal ones the one that was named first."""
        return sorted(bases, key=lambda base: (self.benched(base), -self.score(base)))

    def score(self, base: str) -> float:
        """Return the reliability, from 0 to 1."""
        since = self._clock() - WINDOW_SECONDS
        with self._lock:
            outcomes = [attempt.outcome for attempt in self._attempts[base] if attempt.time > since]
        successes, errors = outcomes.count(Outcome.SUCCESS), outcomes.count(Outcome.ERROR)
        attempts = successes + errors + outcomes.count(Outcome.LATE)
        return successes / (attempts + 3 * errors) if attempts else 1.0

    def begin(self, base: str) -> Attempt:
        """Take note of an attempt."""
        attempt = Attempt(self._clock())
        with self._lock:
            self._attempts[base].append(attempt)
        return attempt

    def proved(self, base: str) -> None:
        """Take note of bytes that verified."""
        self._proven_until[base] = self._clock() + PROVEN_SECONDS

    def lied(self, base: str) -> None:
        """Bench a gateway whose bytes did not verify."""
        self._benched_until[base] = self._clock() + BENCH_SECONDS
        self._proven_until.pop(base, None)

    def benched(self, base: str) -> bool:
        """Tell whether it sent wrong bytes lately."""
        return self._benched_until.get(base, 0.0) > self._clock()

    def proven(self, base: str) -> bool:
        """Tell whether its bytes verified lately."""
        return self._proven_until.get(base, 0.0) > self._clock()
