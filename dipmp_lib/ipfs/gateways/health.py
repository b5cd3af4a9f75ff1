"""How reliable each gateway was lately.

Scores are those of Helia's trustless gateway client: successes / (attempts + 3 * errors), 1 for one that was not tried.
An attempt that another gateway overtook counts as one without success, so that slow gateways sink. Only the last minute
counts, so that one which recovered is found again.
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
BENCH_SECONDS = 600.0
"""How long a gateway that sent other bytes than a CID names is no redirect target, and is asked after all others."""
PROVEN_SECONDS = 300.0
"""How long content of a file that verified speaks for a gateway."""
_MAX_ATTEMPTS = 64


class AttemptOutcome(Enum):
    """What became of an attempt; only the last three count."""

    OPEN = "open"
    ABSENT = "absent"
    """The gateway answered that it does not have what was asked for, which is no fault."""
    LATE = "late"
    SUCCESS = "success"
    ERROR = "error"


class GatewayAttempt:
    """One request to one gateway."""

    def __init__(self, time: float) -> None:
        self.time = time
        self.outcome = AttemptOutcome.OPEN
        self._lost = False

    def late(self) -> None:
        """Count it although it has no answer yet."""
        if self.outcome is AttemptOutcome.OPEN:
            self.outcome = AttemptOutcome.LATE

    def lost(self) -> None:
        """Count it as one without success, whatever comes of it now."""
        self.late()
        self._lost = True

    def ended(self, outcome: AttemptOutcome) -> None:
        """Count what became of it."""
        if not (self._lost and outcome is AttemptOutcome.SUCCESS):
            self.outcome = outcome


class Reliability:
    """What is remembered of gateways by their base. Safe to use from several threads. `clock` is monotonic."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._attempts: defaultdict[str, deque[GatewayAttempt]] = defaultdict(lambda: deque(maxlen=_MAX_ATTEMPTS))
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
        successes, errors = outcomes.count(AttemptOutcome.SUCCESS), outcomes.count(AttemptOutcome.ERROR)
        attempts = successes + errors + outcomes.count(AttemptOutcome.LATE)
        return successes / (attempts + 3 * errors) if attempts else 1.0

    def begin(self, base: str) -> GatewayAttempt:
        """Take note of an attempt."""
        attempt = GatewayAttempt(self._clock())
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


HAS_SECONDS = 60.0
"""How long a gateway that had a file is taken to have it."""
LACKS_SECONDS = 3.0
"""How long one that did not deliver is not asked for the same again; shorter than the Retry-After of our 503."""
MAX_REMEMBERED = 16_384


@dataclass(frozen=True, slots=True)
class ContentSighting:
    """When (unix seconds) content was last looked for, and whether a gateway had it."""

    time: float
    available: bool


class Sightings:
    """What is remembered of content. Safe to use from several threads. `clock` is monotonic, `now` unix time."""

    def __init__(self, clock: Callable[[], float], now: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._now = now
        self._had: Lru[tuple[str, Cid], float] = Lru(MAX_REMEMBERED)
        self._lacked: Lru[tuple[str, Cid], float] = Lru(MAX_REMEMBERED)
        self._last: Lru[Cid, ContentSighting] = Lru(MAX_REMEMBERED)

    def has(self, base: str, cid: Cid) -> None:
        """Take note that a gateway has the file."""
        self._had.put((base, cid), self._clock() + HAS_SECONDS)

    def lacks(self, base: str, cid: Cid) -> None:
        """Take note that a gateway did not deliver."""
        self._had.pop((base, cid))
        self._lacked.put((base, cid), self._clock() + LACKS_SECONDS)

    def had(self, base: str, cid: Cid) -> bool:
        """Tell whether the gateway had the file within HAS_SECONDS."""
        return (self._had.get((base, cid)) or 0.0) > self._clock()

    def lacked(self, base: str, cid: Cid) -> bool:
        """Tell whether the gateway did not deliver within LACKS_SECONDS."""
        return (self._lacked.get((base, cid)) or 0.0) > self._clock()

    def looked(self, cid: Cid, *, available: bool) -> None:
        """Take note of whether any gateway delivered."""
        self._last.put(cid, ContentSighting(self._now(), available))

    def last(self, cid: Cid) -> ContentSighting | None:
        """Return the last look, None where there was none."""
        return self._last.get(cid)
