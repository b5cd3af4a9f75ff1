"""Logs as a reader holds them, and where it keeps them between requests."""

import threading
from dataclasses import dataclass
from typing import Protocol

from .log.blob import Blob
from .lru import Lru
from .names import ProjectName, RegistryAddress
from .weight import weigh_blobs

DEFAULT_BYTES = 128 * 1024 * 1024
MAX_REGISTRIES = 100_000


@dataclass(frozen=True, slots=True)
class Slot:
    """Storage slot A of a log: `owner` 20 bytes, `count` of entries, `last` nonce, `status` bits, role `epoch`."""

    owner: bytes
    count: int
    last: int
    status: int
    epoch: int


def parse_slot(word: int) -> Slot:
    """Unpack a storage word, lowest bits first: owner 160, count 32, last 48, status 8, epoch 8. Total."""
    return Slot(
        owner=(word & (1 << 160) - 1).to_bytes(20, "big"),
        count=word >> 160 & 0xFFFF_FFFF,
        last=word >> 192 & (1 << 48) - 1,
        status=word >> 240 & 0xFF,
        epoch=word >> 248 & 0xFF,
    )


@dataclass(frozen=True, slots=True)
class Log:
    """A verified log: its head recomputes from `blobs`, which are in log order, oldest first.

    `name` is the project's, or "" for the registry log. A log has at least one entry.
    """

    name: ProjectName | str
    slot: Slot
    head: bytes
    blobs: tuple[Blob, ...]

    def extends(self, other: "Log") -> bool:
        """Tell whether this is `other` and more entries on top of it."""
        return len(self.blobs) > len(other.blobs) and self.blobs[: len(other.blobs)] == other.blobs


class LogStore(Protocol):
    """Keeps the last known good logs. Implementations are safe to call from several threads."""

    def load(self, registry: RegistryAddress, name: ProjectName | str) -> Log | None:
        """Return the log, or None."""
        ...

    def save(self, registry: RegistryAddress, log: Log, *, truncate: bool = False) -> None:
        """Keep a verified log.

        A log that another one extends never replaces it, unless `truncate` says that the chain dropped the rest.
        A log with another history does: it was verified later, so the chain was reorganised.
        """
        ...

    def knows(self, registry: RegistryAddress) -> bool:
        """Tell whether any log of the registry was ever saved."""
        ...


class MemoryLogStore:
    """Keeps logs in this process: at most `max_bytes` of them, least recently used first to go."""

    def __init__(self, max_bytes: int = DEFAULT_BYTES) -> None:
        self._logs: Lru[tuple[RegistryAddress, str], Log] = Lru(max_bytes, lambda log: weigh_blobs(log.blobs))
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

    def knows(self, registry: RegistryAddress) -> bool:
        """Tell whether any log of the registry was ever saved; outlives the logs themselves."""
        return self._registries.get(registry) is not None
