"""Which registries a server is there for."""

from enum import Enum

from ..chains import CHAIN_IDS, ChainIds
from ..names import RegistryAddress


class Tier(Enum):
    """PINNED registries come first; OPEN ones get what resources are left, within tighter limits."""

    PINNED = "pinned"
    OPEN = "open"


def spellings(registry: RegistryAddress, default_chain: int | None) -> tuple[RegistryAddress, ...]:
    """Return every address that is the same registry: the default chain may be named by its short names, or not."""
    chain = ChainIds(default_chain).find(registry)
    if chain is None:
        return (registry,)
    names = [name for name, known in CHAIN_IDS.items() if known == chain] + ([""] if chain == default_chain else [])
    return tuple(RegistryAddress(registry.address, name) for name in names)
