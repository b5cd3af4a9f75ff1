"""From settings to the ports that a server stands on: the one place that chooses implementations."""

from ..cache import CachedRegistry
from ..chain import ChainRegistry, connect
from ..gateways import Gateways
from ..http import Fetcher
from ..store import MemoryLogStore
from .services import Services
from .settings import Settings


def build(settings: Settings) -> Services:
    """Return the services; nobody is asked anything yet. Raises InvalidSettings."""
    fetcher = Fetcher()
    chains = connect(settings.chains, fetcher, chain_id=settings.chain_id)
    registry = ChainRegistry(chains, MemoryLogStore(), block=settings.finality)
    return Services(
        registry=CachedRegistry(registry, freshness=settings.freshness),
        gateways=Gateways(settings.gateways, fetcher),
    )
