"""Run over all pinned registries, those first that were confirmed longest ago."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial

from ...errors import DipmpError
from ...log.log import project_list_of, project_of
from ...model.names import RegistryAddress
from ...registry import LogArchive, MemoryLogStore
from ...telemetry import SILENCE, Event, Telemetry
from .audit import audit, sample
from .deadline import Deadline
from .logs import LogSync, Progress
from .objects import Blocks, ObjectSync

TURN_SECONDS = 60.0
"""Time in which an audit takes the same files; less than the interval of any schedule."""


@dataclass(slots=True)
class Summary:
    """Counts and problems of a run.

    `lag` is the number of seconds since the registry that is furthest behind was confirmed; `unconfirmed` counts
    registries that never were as a whole. `left` counts logs for which there was no time; the next run goes on with
    them. `problems` are sentences by registry, or by registry and project.
    """

    registries: int = 0
    read: int = 0
    failed: int = 0
    left: int = 0
    metadata: int = 0
    large: int = 0
    audited: int = 0
    lag: float = 0.0
    unconfirmed: int = 0
    missing: list[str] = field(default_factory=list)
    gateways: dict[str, int] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every log was read that should have been."""
        return not self.left and not self.problems

    def document(self) -> dict[str, object]:
        """Return the summary as JSON-able data."""
        return {"complete": self.complete, **asdict(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """Sync of pinned registries. `objects` is None without a bucket; `gateways`, by names for people, are audited."""

    pinned: Sequence[RegistryAddress]
    logs: LogSync
    memory: MemoryLogStore
    archive: LogArchive
    objects: ObjectSync | None = None
    gateways: Mapping[str, Blocks] = field(default_factory=dict)
    telemetry: Telemetry = SILENCE
    clock: Callable[[], float] = time.time

    def run(self, seconds: float) -> Summary:
        """Do what can be begun within `seconds`; every part may be repeated and interrupted without harm."""
        deadline, summary = Deadline(seconds), Summary()
        confirmed: dict[RegistryAddress, float] = {}
        for address in self.pinned:
            self._guarded(summary, address, partial(self._load_confirmed, address, confirmed))
        for address in sorted(self.pinned, key=lambda at: confirmed.get(at, 0.0)):
            self._guarded(summary, address, partial(self._registry, address, summary, confirmed, deadline))
        summary.unconfirmed = sum(not confirmed.get(at) for at in self.pinned)
        summary.lag = max((self.clock() - at for at in confirmed.values() if at), default=0.0)
        return summary

    def _guarded(self, summary: Summary, address: RegistryAddress, work: Callable[[], None]) -> None:
        try:
            work()
        except DipmpError as error:
            self._problem(summary, str(address), error)

    def _load_confirmed(self, address: RegistryAddress, confirmed: dict[RegistryAddress, float]) -> None:
        checkpoint = self.archive.checkpoint(address)
        confirmed[address] = checkpoint.confirmed if checkpoint else 0.0

    def _registry(
        self,
        address: RegistryAddress,
        summary: Summary,
        confirmed: dict[RegistryAddress, float],
        deadline: Deadline,
    ) -> None:
        progress = self.logs.run(address, deadline)
        owed = self._write_objects(address, progress, summary, deadline)
        checkpoint = self.logs.finish(address, progress, owed)
        confirmed[address] = checkpoint.confirmed if checkpoint else confirmed.get(address, 0.0)
        summary.registries += 1
        summary.read += len(progress.read)
        summary.failed += len(progress.failed)
        summary.left += len(progress.left)
        for name, reason in progress.failed.items():
            self._problem(summary, f"{address}/{name}", DipmpError(reason))
        self._audit(address, summary, deadline)

    def _write_objects(
        self, address: RegistryAddress, progress: Progress, summary: Summary, deadline: Deadline
    ) -> list[str]:
        """Write the objects of logs that were read or owed by an earlier run; return the names that are still owed."""
        if self.objects is None:
            return []
        owed = []
        for name in dict.fromkeys((*progress.read, *sorted(progress.start.owed))):
            log = self.memory.load(address, name)
            if log is None or deadline.over:
                owed += [name] if name else []
                continue
            written = self.objects.run(project_of(address, log) if name else project_list_of(address, log), deadline)
            summary.metadata += written.metadata
            summary.large += written.large
            owed += [] if written.complete else [name]
        return owed

    def _audit(self, address: RegistryAddress, summary: Summary, deadline: Deadline) -> None:
        turn = int(self.clock() // TURN_SECONDS)
        names = sorted(name for name in self.archive.contents(address) if name)
        archived = self.archive.load(address, names[turn % len(names)]) if names and self.gateways else None
        if archived is None:
            return
        files = sample(project_of(address, archived.log).files, turn // len(names))
        found = audit(files, self.gateways, deadline, self.telemetry)
        summary.audited += found.files
        summary.missing += [f"{address}/{archived.log.name}/{filename}" for filename in found.missing]
        for gateway, count in found.delivered.items():
            summary.gateways[gateway] = summary.gateways.get(gateway, 0) + count

    def _problem(self, summary: Summary, where: str, error: DipmpError) -> None:
        summary.problems[where] = str(error)
        self.telemetry.tell(Event.SYNC_FAILED, where=where, reason=str(error))
