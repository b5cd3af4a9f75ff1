"""Which content was lately seen where."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from ..cid import Cid
from ..lru import Lru

HAS_SECONDS = 60.0
"""How long a gateway that had a file is taken to have it."""
LACKS_SECONDS = 3.0
"""How long one that did not deliver is not asked for the same again; shorter than the Retry-After of our 503."""
MAX_REMEMBERED = 16_384


@dataclass(frozen=True, slots=True)
class Sighting:
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
        self._last: Lru[Cid, Sighting] = Lru(MAX_REMEMBERED)

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
        self._last.put(cid, Sighting(self._now(), available))

    def last(self, cid: Cid) -> Sighting | None:
        """Return the last look, None where there was none."""
        return self._last.get(cid)
