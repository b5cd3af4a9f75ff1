"""The two ports: what a chain reader works on, and what outlives it."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ..caching import Lru
from ..log.log import Log, weigh_blobs
from ..model.names import ProjectName, RegistryAddress


class LogStore(Protocol):
    """Keeps the logs that a reader holds. Implementations are safe to call from several threads."""

    def load(self, registry: RegistryAddress, name: ProjectName | str) -> Log | None:
        """Return the log, or None."""
        ...

    def save(self, registry: RegistryAddress, log: Log, *, truncate: bool = False) -> None:
        """Keep a verified log.

        A log that another one extends never replaces it, unless `truncate` says that the chain dropped the rest.
        A log with another history does: it was verified later, so the chain was reorganised.
        """
        ...

    def confirm(self, registry: RegistryAddress, name: ProjectName | str) -> None:
        """Note that the chain said again that the log is what is held."""
        ...

    def knows(self, registry: RegistryAddress) -> bool:
        """Tell whether any log of the registry was ever saved."""
        ...


@dataclass(frozen=True, slots=True)
class ArchivedLog:
    """A log from an archive, verified again, and the unix time at which the chain last said that it is so."""

    log: Log
    confirmed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """How far a registry as a whole is in an archive.

    At the unix time `confirmed` the chain had `total` blobs, the last of them with the keccak256 `tip`, and every log
    of the registry was in the archive as it was then, except those named in `behind`. `owed` names the projects some
    of whose objects (METADATA, large pages) are still to be made. `sweeping` is when a reading of every log
    began that is not finished, `swept` when the last finished one began; 0 for never.
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
    """What an archive says of a log without loading it: its head, newest nonce, and when it alone was confirmed."""

    head: bytes
    last: int
    confirmed: float


class ArchiveReader(Protocol):
    """What a server needs of logs that are kept beyond it. Safe to call from several threads; all raise Upstream."""

    def load(self, registry: RegistryAddress, name: ProjectName | str) -> ArchivedLog | None:
        """Return the log; None where there is none, or none that verifies."""
        ...

    def knows(self, registry: RegistryAddress) -> bool:
        """Tell whether any log of the registry was ever saved."""
        ...


class EmptyArchive:
    """An archive that has nothing, for servers without one."""

    def load(self, registry: RegistryAddress, name: ProjectName | str) -> ArchivedLog | None:  # noqa: ARG002
        """Return None."""
        return None

    def knows(self, registry: RegistryAddress) -> bool:  # noqa: ARG002
        """Return False."""
        return False


class LogArchive(ArchiveReader, Protocol):
    """Keeps last known good logs beyond this process."""

    def save(self, registry: RegistryAddress, log: Log, confirmed: float, *, truncate: bool = False) -> bool:
        """Keep a verified log that the chain confirmed at a unix time; tell whether it is now the one that is kept.

        A log that the kept one extends never replaces it, unless `truncate` says that the chain dropped the rest. One
        with another history does only if it was confirmed later. Writers may compete; a reader sees one or the other.
        """
        ...

    def contents(self, registry: RegistryAddress) -> Mapping[str, ArchivedHead]:
        """Return what is kept of a registry, by project name, "" being the registry's own log."""
        ...

    def checkpoint(self, registry: RegistryAddress) -> Checkpoint | None:
        """Return the registry's checkpoint, or None."""
        ...

    def set_checkpoint(self, registry: RegistryAddress, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint, unless one that was confirmed later is there."""
        ...


DEFAULT_BYTES = 128 * 1024 * 1024
MAX_REGISTRIES = 100_000
MAX_TIMES = 100_000


class MemoryLogStore:
    """Keeps logs in this process: at most `max_bytes` of them, least recently used first to go."""

    def __init__(self, max_bytes: int = DEFAULT_BYTES, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._logs: Lru[tuple[RegistryAddress, str], Log] = Lru(max_bytes, lambda log: weigh_blobs(log.blobs))
        self._confirmed: Lru[tuple[RegistryAddress, str], float] = Lru(MAX_TIMES)
        self._registries: Lru[RegistryAddress, bool] = Lru(MAX_REGISTRIES)
        self._saving = threading.Lock()

    def load(self, registry: RegistryAddress, name: ProjectName | str) -> Log | None:
        """Return the log, or None."""
        return self._logs.get((registry, name))

    def save(self, registry: RegistryAddress, log: Log, *, truncate: bool = False) -> None:
        """Keep a verified log, as the port says."""
        with self._saving:
            self._registries.put(registry, value=True)
            held = self._logs.get((registry, log.name))
            if held is None or truncate or not held.extends(log):
                self._logs.put((registry, log.name), log)
                self.confirm(registry, log.name)

    def adopt(self, registry: RegistryAddress, kept: ArchivedLog) -> None:
        """Take over a log from an archive, with the time at which it was confirmed.

        One that is held stays, unless the archive's extends it.
        """
        with self._saving:
            self._registries.put(registry, value=True)
            held = self._logs.get((registry, kept.log.name))
            if held is None or kept.log.extends(held):
                self._logs.put((registry, kept.log.name), kept.log)
                self._confirmed.put((registry, kept.log.name), kept.confirmed)

    def confirm(self, registry: RegistryAddress, name: ProjectName | str) -> None:
        """Note that the chain said again that the log is what is held."""
        self._confirmed.put((registry, name), self._clock())

    def confirmed(self, registry: RegistryAddress, name: ProjectName | str) -> float:
        """Return the unix time at which the chain last said what the log is; 0 where that is not known."""
        return self._confirmed.get((registry, name)) or 0.0

    def knows(self, registry: RegistryAddress) -> bool:
        """Tell whether any log of the registry was ever saved; outlives the logs themselves."""
        return self._registries.get(registry) is not None
