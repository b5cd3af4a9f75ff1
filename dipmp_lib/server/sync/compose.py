"""Composition root of `sync`: from settings to a run, and from a run to a line of the log."""

from collections.abc import Callable, Mapping
from typing import Any

from ...errors import InvalidSettings
from ...http import mask_url
from ...registry import MemoryLogStore
from ...registry.chain import ChainRegistry, ReadLimits
from ...telemetry import Telemetry
from ..backends import Backends
from ..metrics import JsonLines
from ..settings import Settings
from .logs import LogSync
from .objects import ObjectSync
from .run import Summary, Sync

LIMITS = ReadLimits(pages=128, total_bytes=64 * 1024 * 1024, seconds=20.0)
"""A scheduled run has more time for a long log than a request."""
MARGIN = 25.0
"""Seconds before a function's end at which nothing more is begun, enough for the slowest log and its objects."""
ALONE = 60.0
"""Seconds for a run without a time limit from Lambda."""


def build_sync(settings: Settings, telemetry: Telemetry) -> Sync:
    """Return the sync; no service is asked anything yet. Raises InvalidSettings."""
    missing = {"DIPMP_TABLE": settings.table, "DIPMP_PINNED": settings.pinned}
    problems = [f"{name} is not set: sync has nothing to do without it" for name, value in missing.items() if not value]
    if problems:
        raise InvalidSettings(problems)
    backends, memory = Backends(settings, telemetry), MemoryLogStore()
    registry = ChainRegistry(backends.chains, memory, block=settings.finality, pinned=settings.pinned, limits=LIMITS)
    archive = backends.archive()
    return Sync(
        pinned=settings.pinned,
        logs=LogSync(registry, memory, archive),
        memory=memory,
        archive=archive,
        objects=_objects(backends),
        gateways={mask_url(url): backends.gateways(url) for url in settings.gateways},
        telemetry=telemetry,
    )


def _objects(backends: Backends) -> ObjectSync | None:
    if backends.objects is None:
        return None
    return ObjectSync(backends.objects, backends.gateways(), backends.large, backends.policy().apply)


def report(lines: JsonLines, summary: Summary) -> None:
    """Write the run as one record of metrics; alarms watch the metrics, and whether there are any."""
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
    """Return a Lambda handler for a schedule, which returns the summary; failures are in that and in the log."""

    def handler(event: Mapping[str, Any], context: Any) -> dict[str, object]:  # noqa: ANN401, ARG001 - Lambda's own
        left = getattr(context, "get_remaining_time_in_millis", None)
        summary = sync.run(max(left() / 1000 - MARGIN, 0.0) if left else ALONE)
        report(lines, summary)
        return summary.document()

    return handler
