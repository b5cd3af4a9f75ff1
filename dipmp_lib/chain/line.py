"""The endpoints of a chain as they are now: some may be known only when somebody wants to ask them."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..rpc import Endpoint, HedgedRpc, Rpc

Source = Callable[[], tuple[Rpc, ...]]
"""Returns endpoints, the same ones for as long as they are. It may take a while, and never raises."""


@dataclass(frozen=True, slots=True)
class Line:
    """Endpoints in order of preference, and all of them as one."""

    endpoints: tuple[Endpoint, ...]
    rpc: HedgedRpc


class Lineup:
    """Makes a line of what the sources return, and keeps it, with what was learnt of its endpoints, while that stays.

    Safe to use from several threads.
    """

    def __init__(self, sources: Sequence[Source], make: Callable[[Sequence[Rpc]], Line]) -> None:
        self._sources = sources
        self._make = make
        self._lock = threading.Lock()
        self._made: tuple[tuple[Rpc, ...], Line] | None = None

    def now(self) -> Line:
        """Return the line."""
        rpcs = tuple(rpc for source in self._sources for rpc in source())
        with self._lock:
            if self._made is None or self._made[0] != rpcs:
                self._made = rpcs, self._make(rpcs)
            return self._made[1]
