"""What was learnt about content, which is the same for every account: pins and proofs of retrieval."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from ...errors import JournalError
from . import file as appending
from .journal import Record, decode_all, encode

NAME = "notes.jsonl"
HOLDS_SECONDS = 86_400
"""A note spares a run that was stopped its work; later, whoever keeps bytes may have lost them."""

_KIND = "note"
_KEY, _TIME = "key", "noted"


class FileNotes:
    """Notes by key, in a file of `folder` that several processes may add to at once.

    A note holds for a day and only spares work: one that cannot be written is forgotten with the program, and a file
    that is damaged or cannot be read is as good as none. Safe to use from several threads; `clock` gives unix seconds.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._folder = folder
        self._path = folder / NAME
        self._known: set[str] | None = None
        self._read = 0  # bytes that were looked through: a long list of notes is read once

    def known(self, key: str) -> bool:
        """Tell whether something was noted under the key."""
        if self._known is None:
            self._known = self._load()
        return key in self._known

    def keep(self, key: str, facts: Mapping[str, str | int | None]) -> None:
        """Note something under the key."""
        if self._known is None:
            self._known = self._load()
        self._known.add(key)
        line = encode(Record(_KIND, {**facts, _KEY: key, _TIME: int(self._clock())}))
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
        """Return what was added since the last look; a file that is damaged or was cut begins anew."""
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
