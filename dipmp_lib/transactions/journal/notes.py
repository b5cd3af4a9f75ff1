"""Notes of pins and of proofs of retrieval, which spare the next run work: the port, on disk, and in memory."""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from ...errors import JournalError
from . import file as appending
from .journal import Facts, Record, decode_all, encode

NAME = "notes.jsonl"
HOLDS_SECONDS = 86_400
"""A note holds for a run that follows soon; later, a pinner may have lost the bytes."""

_KIND = "note"
_KEY, _TIME = "key", "noted"


class PinNotes(Protocol):
    """Remembers by key what was pinned and proven. Safe to use from several threads, and never raises."""

    def known(self, key: str) -> bool:
        """Tell whether there is a note under the key."""
        ...

    def keep(self, key: str, facts: Facts) -> None:
        """Write a note under the key; `facts` are for a person who reads it."""
        ...


class MemoryPinNotes:
    """Notes that end with the process; `facts` has those of every key."""

    def __init__(self) -> None:
        self.facts: dict[str, Facts] = {}

    def known(self, key: str) -> bool:
        """Tell whether there is a note under the key."""
        return key in self.facts

    def keep(self, key: str, facts: Facts) -> None:
        """Write a note under the key."""
        self.facts[key] = dict(facts)


class FilePinNotes:
    """Notes in a file of `folder` that several processes may add to at once; `clock` gives unix seconds.

    A note holds for a day and only spares work: one that cannot be written ends with the process, and a file that is
    damaged or cannot be read counts as empty.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._folder = folder
        self._path = folder / NAME
        self._lock = threading.Lock()
        self._known: set[str] | None = None
        self._read = 0  # bytes of the file that were read already, as a long list of notes is read once

    def known(self, key: str) -> bool:
        """Tell whether there is a note under the key."""
        with self._lock:
            return key in self._held()

    def keep(self, key: str, facts: Facts) -> None:
        """Write a note under the key."""
        line = encode(Record(_KIND, {**facts, _KEY: key, _TIME: int(self._clock())}))
        with self._lock:
            self._held().add(key)
            self._write(line)

    def _held(self) -> set[str]:
        if self._known is None:
            self._known = self._load()
        return self._known

    def _write(self, line: bytes) -> None:
        with suppress(JournalError), self._locked() as descriptor:
            self._look(descriptor)
            appending.append(descriptor, self._path, self._read, line)
            self._read += len(line)

    def _load(self) -> set[str]:
        if not self._path.exists():
            return set()
        records: list[Record] = []
        with suppress(JournalError), self._locked() as descriptor:
            records = self._look(descriptor)
        oldest = self._clock() - HOLDS_SECONDS
        return {str(record.facts.get(_KEY)) for record in records if _time(record) > oldest}

    def _look(self, descriptor: int) -> list[Record]:
        """Return the records since the last look; a file that is damaged or was cut begins anew."""
        try:
            if os.fstat(descriptor).st_size < self._read:
                self._read = 0
            records, size = decode_all(appending.read_all(descriptor, self._path, self._read))
            self._read += size
        except JournalError:
            records, self._read = [], 0
        return records

    @contextmanager
    def _locked(self) -> Iterator[int]:
        appending.make_folder(self._folder)
        descriptor = appending.open_growing(self._path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)


def _time(record: Record) -> int:
    noted = record.facts.get(_TIME)
    return noted if record.kind == _KIND and isinstance(noted, int) else 0
