"""Answers kept in memory: fresh for a moment, asked for once at a time, and served on while a chain is out of reach."""

from .cached import FRESHNESS, MAX_STALE, MAX_THINGS, CachedRegistry, LastKnown, Lifetimes, Page, Served
from .store import ArchiveReader, Checkpoint, Kept, LogArchive, LogStore, MemoryLogStore, NothingKept, Stored
