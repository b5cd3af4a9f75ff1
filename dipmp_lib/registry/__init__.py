"""The read port of a registry, its wrappers, and the stores of what was read."""

from .cached import FRESHNESS, MAX_STALE, MAX_THINGS, CachedRegistry, LastKnown, Lifetimes, Page, Served
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
    "MAX_THINGS",
    "ArchiveReader",
    "ArchivedHead",
    "ArchivedLog",
    "CachedRegistry",
    "Checkpoint",
    "EmptyArchive",
    "LastKnown",
    "Lifetimes",
    "LogArchive",
    "LogStore",
    "MemoryLogStore",
    "Page",
    "Served",
]
