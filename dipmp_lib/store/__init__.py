"""Where logs are kept: in this process while it reads a chain, and beyond it for when no chain can be read."""

from .log import Log, Slot, pack_slot, parse_slot
from .memory import MemoryLogStore
from .port import ArchiveReader, Checkpoint, Kept, LogArchive, LogStore, NothingKept, Stored

__all__ = [
    "ArchiveReader",
    "Checkpoint",
    "Kept",
    "Log",
    "LogArchive",
    "LogStore",
    "MemoryLogStore",
    "NothingKept",
    "Slot",
    "Stored",
    "pack_slot",
    "parse_slot",
]
