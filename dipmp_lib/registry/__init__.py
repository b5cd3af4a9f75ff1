"""The read port of a registry, its wrappers, and the stores of what was read."""

from .cached import FRESHNESS, MAX_STALE, MAX_THINGS, CachedRegistry, LastKnown, Lifetimes, Page, Served
from .store import ArchiveReader, Checkpoint, Kept, LogArchive, LogStore, MemoryLogStore, NothingKept, Stored

__all__ = [
    "FRESHNESS",
    "MAX_STALE",
    "MAX_THINGS",
    "ArchiveReader",
    "CachedRegistry",
    "Checkpoint",
    "Kept",
    "LastKnown",
    "Lifetimes",
    "LogArchive",
    "LogStore",
    "MemoryLogStore",
    "NothingKept",
    "Page",
    "Served",
    "Stored",
]
