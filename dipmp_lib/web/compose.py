"""From settings to the ports that a server stands on: the one place that chooses implementations."""

import sys

from ..cache import CachedRegistry
from ..chain import ChainRegistry, connect
from ..gateways import FileReader, Gateways
from ..http import Fetcher
from ..store import MemoryLogStore
from ..store.lastknown import LastKnown
from .services import Services
from .settings import Settings
from .stores import open_archive
from .telemetry import JsonLines, Several, Tally, Warnings


def build(settings: Settings) -> Services:
    """Return the services; nobody is asked anything yet. Raises InvalidSettings."""
    tally = Tally()
    lines = _json_lines(settings.function) if settings.log == "json" else None
    telemetry = Several(tally, lines or Warnings())
    fetcher = Fetcher()
    chains = connect(settings.chains, fetcher, chain_id=settings.chain_id, telemetry=telemetry)
    archive = open_archive(settings, telemetry)
    registry = ChainRegistry(
        chains, MemoryLogStore(), block=settings.finality, pinned=settings.pinned, ever_stored=archive.knows
    )
    gateways = Gateways(settings.gateways, fetcher, telemetry=telemetry)
    return Services(
        registry=CachedRegistry(registry, freshness=settings.freshness, last_known=LastKnown(archive, telemetry)),
        gateways=gateways,
        files=FileReader(gateways, telemetry=telemetry) if settings.files == "stream" else None,
        tally=tally,
        lines=lines,
    )


def _json_lines(function: str) -> JsonLines:
    """Return the log of this process: on Lambda standard output, elsewhere standard error."""
    return JsonLines(sys.stdout, function) if function else JsonLines(sys.stderr, "serve")
