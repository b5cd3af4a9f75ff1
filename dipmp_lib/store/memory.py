"""Logs in this process."""

import threading
import time
from collections.abc import Callable

from ..lru import Lru
from ..names import ProjectName, RegistryAddress
from ..weight import weigh_blobs
from .log import Log
from .port import Kept

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

    def adopt(self, registry: RegistryAddress, kept: Kept) -> None:
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
