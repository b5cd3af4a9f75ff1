"""Health of gateways, and the availability of content at them, as observed lately.

Scores are those of Helia's trustless gateway client: successes / (attempts + 3 * errors), 1 for one that was not tried.
An attempt that another gateway overtook counts as one without success, so that slow gateways sink. Only attempts of the
last minute count, so that a gateway that recovered is used again.
"""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from ...caching import Lru
from ..cid import Cid

WINDOW_SECONDS = 60.0
DISTRUST_SECONDS = 600.0
"""A gateway that sent other bytes than a CID names is no redirect target for so long, and is asked after all others."""
VERIFIED_SECONDS = 300.0
"""A gateway whose bytes verified needs no other proof for so long."""
_MAX_ATTEMPTS = 64


class AttemptOutcome(Enum):
    """Outcome of an attempt; only the last three count."""

    OPEN = "open"
    ABSENT = "absent"
    """The gateway answered that it does not have what was asked for, which is no fault."""
    LATE = "late"
    SUCCESS = "success"
    ERROR = "error"


class AttemptRecord:
    """Record of one attempt at one gateway; `time` is when it began."""

    def __init__(self, time: float) -> None:
        self.time = time
        self.outcome = AttemptOutcome.OPEN
        self._lost = False

    def late(self) -> None:
        """Count the attempt although it has no answer yet."""
        if self.outcome is AttemptOutcome.OPEN:
            self.outcome = AttemptOutcome.LATE

    def lost(self) -> None:
        """Count the attempt as one without success, even if it still succeeds."""
        self.late()
        self._lost = True

    def ended(self, outcome: AttemptOutcome) -> None:
        """Count the outcome."""
        if not (self._lost and outcome is AttemptOutcome.SUCCESS):
            self.outcome = outcome


class GatewayHealth:
    """Scores of gateways by their base URL. Safe to use from several threads. `clock` is monotonic."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._attempts: defaultdict[str, deque[AttemptRecord]] = defaultdict(lambda: deque(maxlen=_MAX_ATTEMPTS))
        self._distrusted_until: dict[str, float] = {}
        self._verified_until: dict[str, float] = {}

    def order(self, bases: Iterable[str]) -> list[str]:
        """Return the gateways, best first; equal ones stay in the order given."""
        return sorted(bases, key=lambda base: (self.is_distrusted(base), -self.score(base)))

    def score(self, base: str) -> float:
        """Return the score, from 0 to 1."""
        since = self._clock() - WINDOW_SECONDS
        with self._lock:
            outcomes = [attempt.outcome for attempt in self._attempts[base] if attempt.time > since]
        successes, errors = outcomes.count(AttemptOutcome.SUCCESS), outcomes.count(AttemptOutcome.ERROR)
        attempts = successes + errors + outcomes.count(AttemptOutcome.LATE)
        return successes / (attempts + 3 * errors) if attempts else 1.0

    def begin(self, base: str) -> AttemptRecord:
        """Record that an attempt begins, and return its record."""
        attempt = AttemptRecord(self._clock())
        with self._lock:
            self._attempts[base].append(attempt)
        return attempt

    def record_verified(self, base: str) -> None:
        """Record bytes that verified."""
        self._verified_until[base] = self._clock() + VERIFIED_SECONDS

    def record_wrong_bytes(self, base: str) -> None:
        """Record bytes that did not verify."""
        self._distrusted_until[base] = self._clock() + DISTRUST_SECONDS
        self._verified_until.pop(base, None)

    def is_distrusted(self, base: str) -> bool:
        """Tell whether the gateway sent wrong bytes within DISTRUST_SECONDS."""
        return self._distrusted_until.get(base, 0.0) > self._clock()

    def is_verified(self, base: str) -> bool:
        """Tell whether its bytes verified within VERIFIED_SECONDS."""
        return self._verified_until.get(base, 0.0) > self._clock()


PRESENT_SECONDS = 60.0
"""A gateway that had a file is taken to have it for so long."""
ABSENT_SECONDS = 3.0
"""A gateway that did not deliver is not asked for the same for so long; less than the Retry-After of our 503."""
MAX_REMEMBERED = 16_384


@dataclass(frozen=True, slots=True)
class ContentSighting:
    """The last request for content: `time` in Unix seconds, and whether a gateway had it."""

    time: float
    available: bool


class Availability:
    """Availability of content at gateways. Safe to use from several threads. `clock` is monotonic, `now` Unix time."""

    def __init__(self, clock: Callable[[], float], now: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._now = now
        self._present: Lru[tuple[str, Cid], float] = Lru(MAX_REMEMBERED)
        self._absent: Lru[tuple[str, Cid], float] = Lru(MAX_REMEMBERED)
        self._lookups: Lru[Cid, ContentSighting] = Lru(MAX_REMEMBERED)

    def record_present(self, base: str, cid: Cid) -> None:
        """Record that the gateway has the file."""
        self._present.put((base, cid), self._clock() + PRESENT_SECONDS)

    def record_absent(self, base: str, cid: Cid) -> None:
        """Record that the gateway did not deliver."""
        self._present.pop((base, cid))
        self._absent.put((base, cid), self._clock() + ABSENT_SECONDS)

    def is_present(self, base: str, cid: Cid) -> bool:
        """Tell whether the gateway had the file within PRESENT_SECONDS."""
        return (self._present.get((base, cid)) or 0.0) > self._clock()

    def is_absent(self, base: str, cid: Cid) -> bool:
        """Tell whether the gateway did not deliver within ABSENT_SECONDS."""
        return (self._absent.get((base, cid)) or 0.0) > self._clock()

    def record_lookup(self, cid: Cid, *, available: bool) -> None:
        """Record whether any gateway delivered."""
        self._lookups.put(cid, ContentSighting(self._now(), available))

    def last_lookup(self, cid: Cid) -> ContentSighting | None:
        """Return the last request for the content, None where there was none."""
        return self._lookups.get(cid)
