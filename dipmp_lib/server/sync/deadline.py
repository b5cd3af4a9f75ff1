"""Deadline of a run."""

import time
from collections.abc import Callable


class Deadline:
    """Deadline some seconds after it was made; `over` is asked before each piece of work, none of which is cut off."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends = clock() + seconds

    @property
    def over(self) -> bool:
        """Whether the time is over, so that nothing more should be begun."""
        return self._clock() >= self._ends
