"""Port of pinning services, and the wrapper that tries a busy one again."""

import random
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from ...errors import PinnerBusy
from ..cid import Cid

Archive = Callable[[], Iterator[bytes]]
"""Returns the pieces of a CAR, from its start at each call."""


class Pinner(Protocol):
    """A pinning service. Implementations are safe to call from several threads."""

    @property
    def name(self) -> str:
        """Name in messages; contains no secret."""
        ...

    @property
    def operator(self) -> str:
        """Its operator as in `provider_of`, "" where unknown; gateways of the same operator prove nothing."""
        ...

    @property
    def fetches(self) -> bool:
        """Whether it fetches the blocks from IPFS instead of taking the archive."""
        ...

    def pin(self, root: Cid, car: Archive, size: int) -> None:
        """Pin the root of a CAR of exactly `size` bytes, which `car` writes anew for every attempt.

        Raises PinnerError unless the service confirms exactly `root`: PinnerRefused where it refuses the credentials,
        PinnerBusy where a later try may succeed; PublishError where the file changed meanwhile.
        """
        ...


ATTEMPTS = 5
FIRST, LONGEST = 1.0, 30.0
MAX_RETRY_AFTER = 120.0
"""Seconds; for a longer Retry-After it is not tried again, and the error says when to."""

_uniform = random.SystemRandom().uniform


class RetryingPinner:
    """Tries a pinner again while it is busy, `attempts` times in all; every other failure passes through at once.

    Between attempts it waits as long as the service asks for, or else a random time below a bound that doubles
    ("full jitter"), so that publishers that were turned away together do not come back together. `uniform(a, b)` gives
    a random number between them.
    """

    def __init__(
        self,
        inner: Pinner,
        *,
        attempts: int = ATTEMPTS,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = _uniform,
    ) -> None:
        self.name, self.operator, self.fetches = inner.name, inner.operator, inner.fetches
        self._inner = inner
        self._attempts = attempts
        self._sleep = sleep
        self._uniform = uniform

    def pin(self, root: Cid, car: Archive, size: int) -> None:
        """Pin, as the port says."""
        for attempt in range(1, self._attempts):
            try:
                self._inner.pin(root, car, size)
            except PinnerBusy as error:
                self._sleep(self._pause(attempt, error))
            else:
                return
        try:
            self._inner.pin(root, car, size)
        except PinnerBusy as error:
            raise PinnerBusy(f"{error} (tried {self._attempts} times)", hint=error.hint) from error

    def _pause(self, attempt: int, error: PinnerBusy) -> float:
        asked = error.retry_after
        if asked is None:
            return self._uniform(0.0, min(LONGEST, FIRST * 2 ** (attempt - 1)))
        if asked > MAX_RETRY_AFTER:
            raise PinnerBusy(f"{error} (not before {asked:.0f} s)", hint=f"run it again in {asked:.0f} s") from error
        return asked + self._uniform(0.0, FIRST)
