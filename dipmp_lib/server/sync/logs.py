"""Sync of one registry's logs from the chain into the archive: those that changed, as far as time allows."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ...errors import Malformed, NotFound, Upstream
from ...log.log import project_list_of
from ...model.names import ProjectName, RegistryAddress
from ...registry import Checkpoint, LogArchive, MemoryLogStore
from ...registry.chain import ChainRegistry
from .deadline import Deadline
from .scan import conclude, plan, scan_since

THREADS = 8
MAX_BEHIND = 2_000
"""Names in a checkpoint, which is one item of the archive; a run that leaves more is repeated from its start."""


@dataclass(slots=True)
class Progress:
    """Progress of a run on one registry's logs, by project name; "" is the registry's own log."""

    start: Checkpoint
    began: float
    read: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    def checkpoint(self, owed: Iterable[str]) -> Checkpoint:
        """Return the checkpoint from which the next run goes on; `owed` are projects with incomplete objects."""
        owed = sorted(owed)[:MAX_BEHIND]
        return conclude(self.start, began=self.began, left=self.left, failed=self.failed.keys(), owed=owed)


class LogSync:
    """Copies logs that `registry` reads into `memory` to `archive`, one registry at a time."""

    def __init__(
        self,
        registry: ChainRegistry,
        memory: MemoryLogStore,
        archive: LogArchive,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._registry = registry
        self._memory = memory
        self._archive = archive
        self._clock = clock

    def run(self, address: RegistryAddress, deadline: Deadline) -> Progress:
        """Bring the archive up to date. Raises Upstream and Malformed where the registry itself cannot be read."""
        began = self._clock()
        before, stored = self._archive.checkpoint(address), self._archive.contents(address)
        sync_plan = plan(before, scan_since(self._registry.deployed(address), before), stored, began)
        progress = Progress(sync_plan.checkpoint, began)
        self._refresh(address, "", progress)
        listed = self._memory.load(address, "")
        if listed is None and progress.failed:
            raise Upstream(progress.failed[""])
        names = project_list_of(address, listed).names if listed else ()
        missing = [name for name in names if name not in stored]
        wanted = [name for name in dict.fromkeys((*sync_plan.names, *missing)) if name]
        gone = set(wanted) - set(names)
        progress.failed.update(dict.fromkeys(gone, "the registry's log does not name it any more"))
        self._refresh_all(address, [name for name in wanted if name not in gone], progress, deadline)
        return progress

    def finish(self, address: RegistryAddress, progress: Progress, owed: Iterable[str]) -> Checkpoint | None:
        """Store and return the run's checkpoint; None where it leaves too many names for one. Raises Upstream."""
        checkpoint = progress.checkpoint(owed)
        if len(checkpoint.behind) > MAX_BEHIND:
            return None
        self._archive.set_checkpoint(address, checkpoint)
        return checkpoint

    def _refresh_all(self, address: RegistryAddress, names: list[str], progress: Progress, deadline: Deadline) -> None:
        def refresh(name: str) -> None:
            if deadline.over:
                progress.left.append(name)
            else:
                self._refresh(address, name, progress)

        with ThreadPoolExecutor(THREADS, thread_name_prefix="sync") as pool:
            list(pool.map(refresh, names))

    def _refresh(self, address: RegistryAddress, name: str, progress: Progress) -> None:
        try:
            self._read(address, name, progress.began)
        except (Upstream, Malformed, NotFound) as error:
            progress.failed[name] = str(error)
        else:
            progress.read.append(name)

    def _read(self, address: RegistryAddress, name: str, began: float) -> None:
        """Read one log, starting from the archive's, and archive it.

        Raises as the read port and the archive do, and Upstream where the chain did not confirm the archived log.
        """
        archived = self._archive.load(address, name)
        if archived is not None:
            self._memory.adopt(address, archived)
        if name:
            self._registry.project(address, ProjectName(name))
        else:
            self._registry.project_list(address)
        log = self._memory.load(address, name)
        if log is None:
            return  # a registry without claims has no log
        confirmed = self._memory.confirmed(address, name)
        if confirmed < began:
            raise Upstream("the chain shows less of the log than is kept; that may be an endpoint that is behind")
        # A reader that starts from the archived log and ends with less of it has waited long enough to believe it.
        dropped = archived is not None and archived.log.extends(log)
        self._archive.save(address, log, confirmed, truncate=dropped)
