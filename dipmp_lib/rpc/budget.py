"""How many hedges there may be, so that a slow hour does not double the load that made it slow."""

import threading

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
