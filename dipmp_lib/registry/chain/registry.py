"""Registries read from chains: the read port over eth_call, verified logs and the fold."""

import time
from collections.abc import Callable, Collection, Mapping

from ...caching import Lru
from ...errors import InvalidAddress, ProjectNotFound
from ...ethereum.rpc import Block
from ...log.log import project_list_of, project_of
from ...model.chains import CHAIN_IDS
from ...model.names import ProjectName, RegistryAddress
from ...model.pages import Project, ProjectList
from .. import LogStore
from .endpoints import Chain
from .presence import Presence
from .reader import LogReader
from .refresh import DeployedRegistry, ReadLimits
from .second_opinion import CrossChecked

MAX_FOLDED = 200_000
"""Files, names and notes on all remembered pages together."""


class ChainRegistry:
    """A Registry over chains. Safe to use from several threads.

    `chains` maps EIP-3770 short names to chains, "" being the default. `block` is the block that is read. A registry
    in `pinned` is never reported as absent, nor one that `ever_stored` knows, which is asked only when nothing else
    speaks against absence, and may raise Upstream.
    """

    def __init__(
        self,
        chains: Mapping[str, Chain],
        store: LogStore,
        *,
        block: Block = "latest",
        pinned: Collection[RegistryAddress] = (),
        ever_stored: Callable[[RegistryAddress], bool] = lambda _: False,
        limits: ReadLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._chains = dict(chains)
        self._block = block
        limits = limits or ReadLimits()
        presence = Presence(store, pinned, ever_stored, clock)
        self._reader = CrossChecked(LogReader(store, presence, limits, clock), presence, limits, clock)
        self._folded: Lru[tuple[RegistryAddress, str], Project | ProjectList] = Lru(
            MAX_FOLDED, lambda page: page.weight
        )

    def project_list(self, registry: RegistryAddress) -> ProjectList:
        """Return the registry's projects, none for one without claims. Raises as the port says, and InvalidAddress."""
        log = self._reader.read(self.deployed(registry), "")
        if log is None:
            return ProjectList(registry=registry, head=bytes(32), count=0, names=())
        page = self._folded.get((registry, ""))
        if not isinstance(page, ProjectList) or page.head != log.head:
            page = project_list_of(registry, log)
            self._folded.put((registry, ""), page)
        return page

    def project(self, registry: RegistryAddress, name: ProjectName) -> Project:
        """Return one project. Raises as the port says, and InvalidAddress."""
        log = self._reader.read(self.deployed(registry), name)
        if log is None:
            raise ProjectNotFound(
                f"the registry {registry} has no project {name!r}", hint="check the name; somebody may claim it"
            )
        page = self._folded.get((registry, name))
        if not isinstance(page, Project) or page.head != log.head:
            page = project_of(registry, log)
            self._folded.put((registry, name), page)
        return page

    def deployed(self, registry: RegistryAddress) -> DeployedRegistry:
        """Return a registry with its chain and block. Raises InvalidAddress for a chain that is not read here."""
        return DeployedRegistry(registry, self._chain(registry.chain), self._block)

    def _chain(self, short_name: str) -> Chain:
        """Return the chain; the default chain may also be named."""
        chain = self._chains.get(short_name)
        if chain is not None:
            return chain
        default = self._chains.get("")
        if default is not None and short_name in CHAIN_IDS and CHAIN_IDS[short_name] == default.id():
            return default
        known = ["addresses without a chain"] if default is not None else []
        known += sorted(f"{name}:" for name in self._chains if name)
        what = f"{short_name}:" if short_name else "addresses without a chain"
        raise InvalidAddress(f"this server does not read {what}", hint=f"it reads {', '.join(known) or 'no chain'}")
