"""Where a page's registry is: its index for the clients' commands, its chain for links to an explorer."""

from dataclasses import dataclass

from ...chains import CHAIN_IDS, explorer_url
from ...client_config import Command, Index, index_on, install_commands
from ...names import RegistryAddress
from ..services import Site


@dataclass(frozen=True, slots=True)
class Origin:
    """A registry as this server serves it. `known` says whether the index URL names the server really."""

    address: str
    index: Index
    known: bool
    pinned: bool
    chain: str
    chain_id: int | None

    def explorer(self, address: str) -> str:
        """Return the page of an address in the explorer of this chain, "" where none is known."""
        return explorer_url(self.chain_id, address)

    def commands(self, project: str) -> tuple[Command, ...]:
        """Return what installs a project."""
        return install_commands(self.index, project)


def origin_of(site: Site, registry: RegistryAddress, *, pinned: bool) -> Origin:
    """Return where a registry is."""
    chain_id = CHAIN_IDS.get(registry.chain) if registry.chain else site.chain_id
    return Origin(
        address=registry.checksummed,
        index=index_on(site.host_url, str(registry)),
        known=bool(site.host_url),
        pinned=pinned,
        chain=registry.chain,
        chain_id=chain_id,
    )
