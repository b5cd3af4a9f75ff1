"""From settings to the ports that a server stands on: the one place that chooses implementations."""

import sys
from collections.abc import Callable, Mapping

from ..http import Fetcher
from ..ipfs.gateways import GatewayPool
from ..registry import ArchiveReader, CachedRegistry, Lifetimes, MemoryLogStore
from ..registry.archived_pages import ArchivedPages
from ..registry.chain import OPEN_LIMITS, Chain, ChainRegistry, connect
from ..telemetry import Telemetry
from .observe import EventCounts, JsonLines, TelemetryGroup, Warnings
from .policy import Policy, open_source, spellings
from .services import Files, Services, Site
from .settings import Settings
from .stores import EndpointParameters, open_archive, open_large_pages, open_objects


def before_snapshot(*clear: Callable[[], None]) -> None:
    """Have these called before a snapshot is taken, and after it is restored; without SnapStart, never.

    Connections of before are dead after it, values may have been replaced, and time has passed without the clock.
    """
    try:
        from snapshot_restore_py import register_after_restore, register_before_snapshot  # noqa: PLC0415
    except ModuleNotFoundError:
        return
    for function in clear:
        register_before_snapshot(function)
        register_after_restore(function)


OPEN_BYTES = 32 * 1024 * 1024
OPEN_THINGS = 50_000
"""Memory for logs, and for pages, of registries that are not pinned."""


def build(settings: Settings) -> Services:
    """Return the services; nobody is asked anything yet. Raises InvalidSettings."""
    tally = EventCounts()
    lines = _json_lines(settings.function) if settings.log == "json" else None
    telemetry = TelemetryGroup(tally, lines or Warnings())
    fetcher = Fetcher()
    secrets = EndpointParameters(settings, fetcher)
    chains = connect(secrets.places, fetcher, chain_id=settings.chain_id, telemetry=telemetry)
    before_snapshot(fetcher.close, secrets.forget)
    archive = open_archive(settings, telemetry)
    pinned = [same for each in settings.pinned for same in spellings(each, settings.chain_id)]
    kept = ArchivedPages(archive, telemetry)
    registry = ChainRegistry(
        chains, MemoryLogStore(), block=settings.finality, pinned=pinned, ever_stored=archive.knows
    )
    objects = open_objects(settings)
    gateways = GatewayPool(settings.gateways, fetcher, telemetry=telemetry)
    return Services(
        registry=CachedRegistry(registry, lifetimes=Lifetimes(fresh=settings.freshness), last_known=kept),
        others=_others(settings, chains, archive, kept),
        policy=_policy(settings, tally, telemetry),
        gateways=gateways,
        files=_file_reader(gateways, telemetry) if settings.files == "stream" else None,
        objects=objects,
        large=open_large_pages(settings, objects),
        tally=tally,
        lines=lines,
        last_seen=gateways.last_seen,
        site=Site(settings.host_url, settings.chain_id, settings.pinned),
    )


def _others(
    settings: Settings, chains: Mapping[str, Chain], archive: ArchiveReader, kept: ArchivedPages
) -> CachedRegistry | None:
    """Return what reads registries that are not pinned: with tighter limits, and memory of its own."""
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
        registry, lifetimes=Lifetimes(fresh=settings.freshness), max_weight=OPEN_THINGS, last_known=kept
    )


def _file_reader(gateways: GatewayPool, telemetry: Telemetry) -> Files:
    from ..ipfs.gateways.files import FileReader  # noqa: PLC0415 - no Lambda function passes files on

    return FileReader(gateways, telemetry=telemetry)


def _policy(settings: Settings, tally: EventCounts, telemetry: Telemetry) -> Policy:
    """Return the operator's policy. Refusals are tallied only: the line of the request counts them in the log."""
    source = open_source(settings.denylists, telemetry)
    return Policy(
        source,
        pinned=settings.pinned,
        others=settings.others == "serve",
        chain_id=settings.chain_id,
        telemetry=tally,
    )


def _json_lines(function: str) -> JsonLines:
    """Return the log of this process: on Lambda standard output, elsewhere standard error."""
    return JsonLines(sys.stdout, function) if function else JsonLines(sys.stderr, "serve")
