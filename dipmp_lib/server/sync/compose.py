"""From settings to a run, and from a run to a line of the log."""

from collections.abc import Callable, Mapping
from typing import Any

from ...aws.archive import DynamoArchive
from ...aws.table import Table
from ...errors import InvalidSettings
from ...http import Fetcher, mask_url
from ...ipfs.gateways import GatewayPool
from ...model.chains import ChainIds
from ...registry import MemoryLogStore
from ...registry.chain import ChainRegistry, ReadLimits, connect
from ...telemetry import Telemetry
from ..observe import JsonLines
from ..policy import Policy, open_source
from ..settings import Settings
from ..stores import EndpointParameters, open_large_pages, open_objects
from .logs import LogSync
from .objects import ObjectSync
from .run import Summary, Sync

LIMITS = ReadLimits(pages=128, total_bytes=64 * 1024 * 1024, seconds=20.0)
"""A schedule has more time for a long log than a request."""
MARGIN = 25.0
"""Seconds before a function's end at which nothing more is begun: the slowest log and what follows it fit in."""
ALONE = 60.0
"""Seconds for a run where nobody says how long the function may take."""


def build_sync(settings: Settings, telemetry: Telemetry) -> Sync:
    """Return a run; nobody is asked anything yet. Raises InvalidSettings."""
    missing = {"DIPMP_TABLE": settings.table, "DIPMP_PINNED": settings.pinned}
    problems = [f"{name} is not set: sync has nothing to do without it" for name, value in missing.items() if not value]
    if problems:
        raise InvalidSettings(problems)
    fetcher, memory = Fetcher(), MemoryLogStore()
    chains = connect(
        EndpointParameters(settings, fetcher).places, fetcher, chain_id=settings.chain_id, telemetry=telemetry
    )
    registry = ChainRegistry(chains, memory, block=settings.finality, pinned=settings.pinned, limits=LIMITS)
    archive = DynamoArchive(Table(settings.table), ChainIds(settings.chain_id), telemetry)
    return Sync(
        pinned=settings.pinned,
        logs=LogSync(registry, memory, archive),
        memory=memory,
        archive=archive,
        objects=_objects(settings, fetcher, telemetry),
        gateways={mask_url(url): GatewayPool([url], fetcher, telemetry=telemetry) for url in settings.gateways},
        telemetry=telemetry,
    )


def _objects(settings: Settings, fetcher: Fetcher, telemetry: Telemetry) -> ObjectSync | None:
    objects = open_objects(settings)
    if objects is None:
        return None
    source = open_source(settings.denylists, telemetry)
    policy = Policy(source, pinned=settings.pinned, chain_id=settings.chain_id)
    gateways = GatewayPool(settings.gateways, fetcher, telemetry=telemetry)
    return ObjectSync(objects, gateways, open_large_pages(settings, objects), policy.apply)


def report(lines: JsonLines, summary: Summary) -> None:
    """Write the run as one record, whose absence an alarm can watch as well as what it says."""
    metrics: dict[str, float] = {
        "SyncCompleted": 1,
        "SyncedLogs": summary.read,
        "SyncLeft": summary.left,
        "SyncProblems": len(summary.problems),
        "SyncLag": round(summary.lag, 3),
        "MetadataStored": summary.metadata,
        "LargePages": summary.large,
        "AuditedFiles": summary.audited,
        "MissingFiles": len(summary.missing),
    }
    facts = {"gateways": " ".join(f"{name}={count}" for name, count in summary.gateways.items())}
    lines.write("INFO" if summary.complete else "WARNING", "sync", metrics, facts)


def sync_handler(sync: Sync, lines: JsonLines) -> Callable[[Mapping[str, Any], Any], dict[str, object]]:
    """Return a Lambda handler, for a schedule; it returns the summary. What fails is in it and in the log."""

    def handler(event: Mapping[str, Any], context: Any) -> dict[str, object]:  # noqa: ANN401, ARG001 - Lambda's own
        left = getattr(context, "get_remaining_time_in_millis", None)
        summary = sync.run(max(left() / 1000 - MARGIN, 0.0) if left else ALONE)
        report(lines, summary)
        return summary.document()

    return handler
