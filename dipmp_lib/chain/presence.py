"""Whether there is a registry at an address: only what is proven absent may be reported as absent.

An address without code, or with code that does not answer as a registry, looks like an endpoint that is out of step
or lies. So absence needs two endpoints where two are configured, and is never believed of a registry seen before.
"""

from collections.abc import Callable, Collection
from typing import NoReturn

from ..errors import Malformed, RegistryNotFound, Upstream
from ..lru import Lru
from ..names import RegistryAddress
from ..rpc import Rpc, eth_get_code
from ..store import LogStore
from .place import NoRegistryError, Place

MAX_PROVEN = 100_000
_WITNESSES = 2


class Presence:
    """Remembers which registries were proven to exist."""

    def __init__(
        self,
        store: LogStore,
        pinned: Collection[RegistryAddress],
        ever_stored: Callable[[RegistryAddress], bool] = lambda _: False,
    ) -> None:
        self._store = store
        self._ever_stored = ever_stored
        self._pinned = frozenset(pinned)
        self._proven: Lru[RegistryAddress, bool] = Lru(MAX_PROVEN)

    def add(self, registry: RegistryAddress) -> None:
        """Note that the registry exists."""
        self._proven.put(registry, value=True)

    def require(self, place: Place) -> None:
        """Make sure that the registry exists, asking the chain if need be. Raises as `missing` does."""
        if self._knows(place.registry):
            return
        try:
            _probe(place, place.chain.rpc)
        except NoRegistryError as error:
            self.missing(place, error)
        self.add(place.registry)

    def missing(self, place: Place, reason: NoRegistryError) -> NoReturn:
        """Raise RegistryNotFound if the registry is proven absent, else Upstream."""
        where = f"{place.registry} on chain {place.chain.id()}"
        if self._knows(place.registry):
            raise Upstream(f"an endpoint does not see the registry {where} any more: {reason}")
        if len(place.chain.endpoints) >= _WITNESSES:
            _require_agreement(place, where)
        if self._ever_stored(place.registry):
            self.add(place.registry)
            raise Upstream(f"the endpoints do not see the registry {where}, which was there before: {reason}")
        raise RegistryNotFound(
            f"no dipmp registry is at {where}: {reason}", hint="check the address, and the chain's name before it"
        )

    def _knows(self, registry: RegistryAddress) -> bool:
        return registry in self._pinned or self._proven.get(registry) is not None or self._store.knows(registry)


def _require_agreement(place: Place, where: str) -> None:
    agreeing = 0
    for endpoint in place.chain.endpoints:
        try:
            _probe(place, endpoint)
        except NoRegistryError:
            agreeing += 1
        except (Upstream, Malformed):
            continue
        else:
            raise Upstream(f"endpoints disagree on whether a registry is at {where}")
        if agreeing == _WITNESSES:
            return
    raise Upstream(f"too few endpoints could be asked whether a registry is at {where}")


def _probe(place: Place, rpc: Rpc) -> None:
    """Return if a registry is there. Raises NoRegistryError, and what asking raises."""
    if not eth_get_code(rpc, place.registry.address, block=place.block):
        raise NoRegistryError("the address has no code")
    place.read(rpc, "", 0, 0, 0)
