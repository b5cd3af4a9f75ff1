"""Presence of registries: only one that is proven absent may be reported as absent.

An address without code, or with code that does not answer as a registry, looks like an endpoint that is out of step
or lies. So absence needs two endpoints where two are configured, and is never believed of a registry seen before.
A contract that uses up its gas proves nothing either way, and is not asked again for a while.
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
    """The registries that were proven to exist, and the addresses that used up their gas. Safe for several threads."""

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
        """Tell whether the registry was ever seen, or is pinned by the operator."""
        return registry in self._pinned or self._proven.get(registry) is not None or self._store.knows(registry)

    def require(self, deployed: DeployedRegistry) -> None:
        """Check that the registry exists, asking the chain if need be. Raises as `missing` does."""
        if self.knows(deployed.registry):
            return
        try:
            deployed.read(deployed.chain.rpc, "", 0, 0, 0)
            _require_code(deployed, deployed.chain.rpc)
        except NoRegistryError as error:
            self.missing(deployed, error)
        self.add(deployed.registry)

    def missing(self, deployed: DeployedRegistry, reason: NoRegistryError) -> NoReturn:
        """Raise RegistryNotFound if the registry is proven absent, else Upstream."""
        where = f"{deployed.registry} on chain {deployed.chain.id()}"
        if self.knows(deployed.registry):
            raise Upstream(f"an endpoint does not see the registry {where} any more: {reason}")
        if len(deployed.chain.endpoints) > 1 and deployed.chain.agree(
            lambda rpc: _is_registry(deployed, rpc), f"whether a registry is at {where}"
        ):
            raise Upstream(f"only some endpoints see a registry at {where}")
        if self._ever_stored(deployed.registry):
            self.add(deployed.registry)
            raise Upstream(f"the endpoints do not see the registry {where}, which was there before: {reason}")
        raise RegistryNotFound(
            f"no dipmp registry is at {where}: {reason}", hint="check the address, and the chain's name before it"
        )

    def note_exhausted(self, registry: RegistryAddress, error: Exhausted) -> None:
        """Note that the contract used up its gas, unless the registry is known, which is asked again at once."""
        if not self.knows(registry):
            self._exhausted.put(registry, (error, self._clock() + EXHAUSTED_SECONDS))

    def check_exhausted(self, registry: RegistryAddress) -> None:
        """Raise Exhausted again, without asking, if the contract used up its gas in the last 30 s."""
        known = self._exhausted.get(registry)
        if known is not None and self._clock() < known[1]:
            raise known[0].with_traceback(None)


def _is_registry(deployed: DeployedRegistry, rpc: Rpc) -> bool:
    try:
        deployed.read(rpc, "", 0, 0, 0)
        _require_code(deployed, rpc)
    except NoRegistryError:
        return False
    return True


def _require_code(deployed: DeployedRegistry, rpc: Rpc) -> None:
    """Raise NoRegistryError, and what asking raises: a precompile, or an endpoint that makes things up, has no code."""
    if not eth_get_code(rpc, deployed.registry.address, block=deployed.block):
        raise NoRegistryError("the address has no code")
