"""Stores of logs: the ports of a reader's own store and of an archive beyond the process, and a store in memory."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ..caching import Lru
from ..log.log import Log
from ..model.names import ProjectName, RegistryAddress


class LogStore(Protocol):
    """Stores the logs that a reader holds. Implementations are safe to call from several threads."""

    def load(self, registry: RegistryAddress, name: ProjectName | str) -> Log | None:
        """Return the log, or None."""
        ...

    def save(self, registry: RegistryAddress, log: Log, *, truncate: bool = False) -> None:
        """Store a verified log.

        A log that the held one extends replaces it only with `truncate`, when the chain dropped the rest. A log with
        another history always does: it was verified later, so the chain was reorganised.
        """
        ...

    def confirm(self, registry: RegistryAddress, name: ProjectName | str) -> None:
        """Note that the chain confirmed the held log once more."""
        ...

    def knows(self, registry: RegistryAddress) -> bool:
        """Tell whether any log of the registry was ever saved."""
        ...


@dataclass(frozen=True, slots=True)
class ArchivedLog:
    """A log from an archive, verified again, and the unix time at which the chain last confirmed it."""

    log: Log
    confirmed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """State of a registry as a whole in an archive.

    At the unix time `confirmed` the chain had `total` blobs, the last of them with the keccak256 `tip`, and the archive
    held every log of the registry as it was then, except those named in `behind`. `owed` names the projects with
    objects (METADATA, large pages) still to be made. A sweep reads every log: `sweeping` is when the unfinished one
    began, `swept` when the last finished one began, as unix times; 0 for never.
    """

    total: int
    tip: bytes
    confirmed: float
    behind: frozenset[str] = frozenset()
    owed: frozenset[str] = frozenset()
    sweeping: float = 0.0
    swept: float = 0.0


@dataclass(frozen=True, slots=True)
class ArchivedHead:
    """A log in an archive, not loaded: its head, newest nonce, and when it alone was confirmed, as unix time."""

    head: bytes
    last: int
    confirmed: float


class ArchiveReader(Protocol):
    """The read side of an archive. Safe to call from several threads; all methods raise Upstream."""

    def load(self, registry: RegistryAddress, name: ProjectName | str) -> ArchivedLog | None:
        """Return the log; None where there is none, or none that verifies."""
        ...

    def knows(self, registry: RegistryAddress) -> bool:
        """Tell whether any log of the registry was ever saved."""
        ...


class EmptyArchive:
    """An archive without logs, for servers that have none."""

    def load(self, registry: RegistryAddress, name: ProjectName | str) -> ArchivedLog | None:  # noqa: ARG002
        """Return None."""
        return None

    def knows(self, registry: RegistryAddress) -> bool:  # noqa: ARG002
        """Return False."""
        return False


class LogArchive(ArchiveReader, Protocol):
    """An archive of last known good logs beyond this process; all methods raise Upstream."""

    def save(self, registry: RegistryAddress, log: Log, confirmed: float, *, truncate: bool = False) -> bool:
        """Store a verified log that the chain confirmed at a unix time; tell whether the archive has it now.

        A log that the archived one extends replaces it only with `truncate`, when the chain dropped the rest; one with
        another history only if it was confirmed later. Writers may compete; a reader sees one log or the other.
        """
        ...

    def contents(self, registry: RegistryAddress) -> Mapping[str, ArchivedHead]:
        """Return the archived logs of a registry by project name, "" for the registry's own log."""
        ...

    def checkpoint(self, registry: RegistryAddress) -> Checkpoint | None:
        """Return the registry's checkpoint, or None."""
        ...

    def set_checkpoint(self, registry: RegistryAddress, checkpoint: Checkpoint) -> None:
        """Store a checkpoint, unless one that was confirmed later is there."""
        ...


DEFAULT_BYTES = 128 * 1024 * 1024
MAX_REGISTRIES = 100_000
MAX_TIMES = 100_000


class MemoryLogStore:
    """A LogStore in memory, of at most `max_bytes`; the least recently used logs go first. `clock` is unix time."""

    def __init__(self, max_bytes: int = DEFAULT_BYTES, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._logs: Lru[tuple[RegistryAddress, str], Log] = Lru(max_bytes, _weight)
        self._confirmed: Lru[tuple[RegistryAddress, str], float] = Lru(MAX_TIMES)
        self._registries: Lru[RegistryAddress, bool] = Lru(MAX_REGISTRIES)
        self._saving = threading.Lock()

    def load(self, registry: RegistryAddress, name: ProjectName | str) -> Log | None:
        """Return the log, or None."""
        return self._logs.get((registry, name))

    def save(self, registry: RegistryAddress, log: Log, *, truncate: bool = False) -> None:
        """Store a verified log, as the port says."""
        with self._saving:
            self._registries.put(registry, value=True)
            held = self._logs.get((registry, log.name))
            if held is None or truncate or not held.extends(log):
                self._logs.put((registry, log.name), log)
                self.confirm(registry, log.name)

    def adopt(self, registry: RegistryAddress, archived: ArchivedLog) -> None:
        """Store a log from an archive, with the time at which it was confirmed, unless another is held.

        A held log is replaced by one that extends it.
        """
        with self._saving:
            self._registries.put(registry, value=True)
            held = self._logs.get((registry, archived.log.name))
            if held is None or archived.log.extends(held):
                self._logs.put((registry, archived.log.name), archived.log)
                self._confirmed.put((registry, archived.log.name), archived.confirmed)

    def confirm(self, registry: RegistryAddress, name: ProjectName | str) -> None:
        """Note that the chain confirmed the held log once more."""
        self._confirmed.put((registry, name), self._clock())

    def confirmed(self, registry: RegistryAddress, name: ProjectName | str) -> float:
        """Return the unix time at which the chain last confirmed the log; 0 where that is not known."""
        return self._confirmed.get((registry, name)) or 0.0

    def knows(self, registry: RegistryAddress) -> bool:
        """Tell whether any log of the registry was ever saved; outlives the logs themselves."""
        return self._registries.get(registry) is not None


def _weight(log: Log) -> int:
    return sum(blob.weight for blob in log.blobs)
