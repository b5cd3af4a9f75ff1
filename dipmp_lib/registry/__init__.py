"""Reading registries: the read port, a cache of its answers, and stores of logs."""

from .cached import FRESHNESS, MAX_STALE, CachedRegistry, Lifetimes, Served
from .store import (
    ArchivedHead,
    ArchivedLog,
    ArchiveReader,
    Checkpoint,
    EmptyArchive,
    LogArchive,
    LogStore,
    MemoryLogStore,
)

__all__ = [
    "FRESHNESS",
    "MAX_STALE",
    "ArchiveReader",
    "ArchivedHead",
    "ArchivedLog",
    "CachedRegistry",
    "Checkpoint",
    "EmptyArchive",
    "Lifetimes",
    "LogArchive",
    "LogStore",
    "MemoryLogStore",
    "Served",
]
