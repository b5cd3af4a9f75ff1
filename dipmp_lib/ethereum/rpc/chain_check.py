"""Check of the chain id that an endpoint serves, before its first use."""

import threading
import time
from collections.abc import Callable, Sequence

from ...caching import SingleFlight
from ...errors import WrongChain
from .methods import chain_id
from .port import Rpc

RECHECK_SECONDS = 60.0
_WAIT = 30.0
"""Seconds; a check ends earlier, by the endpoint's own deadline."""


class ChainIdentity:
    """The chain id that all endpoints of a chain must serve; if none is given, the first endpoint to answer sets it."""

    def __init__(self, value: int | None = None) -> None:
        self.value = value
        self._lock = threading.Lock()

    def agree(self, found: int) -> int:
        """Return the id of the chain; it differs from `found` where the endpoint serves another chain."""
        with self._lock:
            if self.value is None:
                self.value = found
            return self.value


class ChainCheckedRpc:
    """Wraps one endpoint: refuses requests while it serves another chain, which is checked every `recheck` seconds."""

    def __init__(
        self,
        rpc: Rpc,
        identity: ChainIdentity,
        *,
        recheck: float = RECHECK_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rpc = rpc
        self._identity = identity
        self._recheck = recheck
        self._clock = clock
        self._checks: SingleFlight[None, int] = SingleFlight(_WAIT)
        self._checked = False
        self._wrong: tuple[int, float] | None = None

    def __str__(self) -> str:
        return str(self._rpc)

    def request(self, method: str, params: Sequence[object]) -> object:
        """Return the result. Raises WrongChain, and as the port says."""
        if not self._checked:
            self._check()
        return self._rpc.request(method, params)

    def _check(self) -> None:
        if self._wrong is not None and self._clock() < self._wrong[1]:
            raise self._wrong_chain(self._wrong[0])
        found = self._checks.do(None, lambda: chain_id(self._rpc))
        if self._identity.agree(found) != found:
            self._wrong = (found, self._clock() + self._recheck)
            raise self._wrong_chain(found)
        self._checked = True

    def _wrong_chain(self, found: int) -> WrongChain:
        return WrongChain(
            f"{self._rpc} serves chain {found}, not {self._identity.value}",
            hint="check the RPC URLs and the chain id in the settings",
        )
