"""Whether there is a registry at an address: only what is proven absent may be reported as absent.

An address without code, or with code that does not answer as a registry, looks like an endpoint that is out of step
or lies. So absence needs two endpoints where two are configured, and is never believed of a registry seen before.
A contract that uses up its gas has said nothing: that is not absence either, but it is not asked again for a while.
"""

import time
from collections.abc import Callable, Collection
from typing import NoReturn

from ...caching import Lru
from ...errors import Exhausted, RegistryNotFound, Upstream
from ...ethereum.rpc import Rpc, eth_get_code
from ...model.names import RegistryAddress
from .. import LogStore
from .refresh import DeployedRegistry, NoRegistryError

MAX_PROVEN = 100_000
MAX_EXHAUSTED = 10_000
EXHAUSTED_SECONDS = 30.0


class Presence:
    """Remembers which registries were proven to exist, and which addresses have used up their gas."""

    def __init__(
        self,
        store: LogStore,
        pinned: Collection[RegistryAddress],
        ever_stored: Callable[[RegistryAddress], bool] = lambda _: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._ever_stored = ever_stored
        self._pinned = frozenset(pinned)
        self._clock = clock
        self._proven: Lru[RegistryAddress, bool] = Lru(MAX_PROVEN)
        self._exhausted: Lru[RegistryAddress, tuple[Exhausted, float]] = Lru(MAX_EXHAUSTED)

    def add(self, registry: RegistryAddress) -> None:
        """Note that the registry exists."""
        self._proven.put(registry, value=True)

    def knows(self, registry: RegistryAddress) -> bool:
        """Tell whether the registry was ever seen, or is one that the operator vouches for."""
        return registry in self._pinned or self._proven.get(registry) is not None or self._store.knows(registry)

    def require(self, place: DeployedRegistry) -> None:
        """Make sure that the registry exists, asking the chain if need be. Raises as `missing` does."""
        if self.knows(place.registry):
            return
        try:
            place.read(place.chain.rpc, "", 0, 0, 0)
            _require_code(place, place.chain.rpc)
        except NoRegistryError as error:
            self.missing(place, error)
        self.add(place.registry)

    def missing(self, place: DeployedRegistry, reason: NoRegistryError) -> NoReturn:
        """Raise RegistryNotFound if the registry is proven absent, else Upstream."""
        where = f"{place.registry} on chain {place.chain.id()}"
        if self.knows(place.registry):
            raise Upstream(f"an endpoint does not see the registry {where} any more: {reason}")
        if len(place.chain.endpoints) > 1 and place.chain.agree(
            lambda rpc: _is_registry(place, rpc), f"whether a registry is at {where}"
        ):
            raise Upstream(f"only some endpoints see a registry at {where}")
        if self._ever_stored(place.registry):
            self.add(place.registry)
            raise Upstream(f"the endpoints do not see the registry {where}, which was there before: {reason}")
        raise RegistryNotFound(
            f"no dipmp registry is at {where}: {reason}", hint="check the address, and the chain's name before it"
        )

    def exhausted(self, registry: RegistryAddress, error: Exhausted) -> None:
        """Note that the contract used up its gas. A registry that is known is asked again all the same."""
        if not self.knows(registry):
            self._exhausted.put(registry, (error, self._clock() + EXHAUSTED_SECONDS))

    def spare(self, registry: RegistryAddress) -> None:
        """Raise Exhausted again, without asking, if the contract used up its gas a moment ago."""
        known = self._exhausted.get(registry)
        if known is not None and self._clock() < known[1]:
            raise known[0].with_traceback(None)


def _is_registry(place: DeployedRegistry, rpc: Rpc) -> bool:
    try:
        place.read(rpc, "", 0, 0, 0)
        _require_code(place, rpc)
    except NoRegistryError:
        return False
    return True


def _require_code(place: DeployedRegistry, rpc: Rpc) -> None:
    """Raise NoRegistryError, and what asking raises: a precompile, or an endpoint that makes things up, has no code."""
    if not eth_get_code(rpc, place.registry.address, block=place.block):
        raise NoRegistryError("the address has no code")
