"""Composition root of a server: from its settings to the services that the routes use."""

import sys
from collections.abc import Callable, Mapping

from ..ipfs.gateways import GatewayPool
from ..registry import ArchiveReader, CachedRegistry, EmptyArchive, Lifetimes, MemoryLogStore
from ..registry.archived_pages import ArchivedPages
from ..registry.chain import OPEN_LIMITS, Chain, ChainRegistry
from ..telemetry import Telemetry
from .backends import Backends
from .metrics import EventCounts, JsonLines, TelemetryGroup, Warnings
from .policy import spellings
from .services import Files, Services, Site
from .settings import Settings


def before_snapshot(*clear: Callable[[], None]) -> None:
    """Register functions to be called before a snapshot is taken and after it is restored; without SnapStart, never.

    After a restore, connections are dead, parameters may have new values, and monotonic clocks have missed time.
    """
    try:
        from snapshot_restore_py import register_after_restore, register_before_snapshot  # noqa: PLC0415
    except ModuleNotFoundError:
        return
    for function in clear:
        register_before_snapshot(function)
        register_after_restore(function)


OPEN_BYTES = 32 * 1024 * 1024
"""Memory for logs of registries that are not pinned."""
OPEN_THINGS = 50_000
"""Files, names and notes on their pages that are held in memory."""


def build(settings: Settings) -> Services:
    """Return the services, none of which is asked anything yet. Raises InvalidSettings."""
    counts = EventCounts()
    lines = _json_lines(settings.function) if settings.log == "json" else None
    telemetry = TelemetryGroup(counts, lines or Warnings())
    backends = Backends(settings, telemetry)
    before_snapshot(backends.fetcher.close, backends.endpoints.forget)
    archive: ArchiveReader = backends.archive() if settings.table else EmptyArchive()
    last_known = ArchivedPages(archive, telemetry)
    gateways = backends.gateways()
    return Services(
        registry=_registry(settings, backends.chains, archive, last_known),
        others=_others(settings, backends.chains, archive, last_known),
        # Refusals are counted only: the line of the request says them in the log.
        policy=backends.policy(refusals=counts),
        gateways=gateways,
        files=_file_reader(gateways, telemetry) if settings.files == "stream" else None,
        objects=backends.objects,
        large=backends.large,
        counts=counts,
        lines=lines,
        last_seen=gateways.last_seen,
        site=Site(settings.host_url, settings.chain_id, settings.pinned),
    )


def _registry(
    settings: Settings, chains: Mapping[str, Chain], archive: ArchiveReader, last_known: ArchivedPages
) -> CachedRegistry:
    """Return the reader of pinned registries, or of all where none is pinned."""
    registry = ChainRegistry(
        chains,
        MemoryLogStore(),
        block=settings.finality,
        pinned=[same for each in settings.pinned for same in spellings(each, settings.chain_id)],
        ever_stored=archive.knows,
    )
    return CachedRegistry(registry, lifetimes=Lifetimes(fresh=settings.freshness), last_known=last_known)


def _others(
    settings: Settings, chains: Mapping[str, Chain], archive: ArchiveReader, last_known: ArchivedPages
) -> CachedRegistry | None:
    """Return the reader of registries that are not pinned, with limits and memory of its own; None without pins."""
    if not settings.pinned:
        return None
    registry = ChainRegistry(
        chains,
        MemoryLogStore(OPEN_BYTES),
        block=settings.finality,
        ever_stored=archive.knows,
        limits=OPEN_LIMITS,
    )
    return CachedRegistry(
        registry, lifetimes=Lifetimes(fresh=settings.freshness), max_weight=OPEN_THINGS, last_known=last_known
    )


def _file_reader(gateways: GatewayPool, telemetry: Telemetry) -> Files:
    from ..ipfs.gateways.files import FileReader  # noqa: PLC0415 - no Lambda function passes files on

    return FileReader(gateways, telemetry=telemetry)


def _json_lines(function: str) -> JsonLines:
    """Return the log of this process: on Lambda standard output, elsewhere standard error."""
    return JsonLines(sys.stdout, function) if function else JsonLines(sys.stderr, "serve")
