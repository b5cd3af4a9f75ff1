"""The journal of one account on one chain."""

import os
import weakref
from pathlib import Path

from ..errors import JournalError
from . import appending
from .records import Facts, Record, decode_all, encode

NAME = "journal.jsonl"


class Journal:
    """Reads the journal in `folder`, which is made where it is missing, and adds to it.

    Only who holds the account's lock may have one. Raises JournalError, and then the file is as it was.
    """

    def __init__(self, folder: Path) -> None:
        appending.make_folder(folder)
        self._path = folder / NAME
        self._descriptor = appending.open_growing(self._path)
        self._closing = weakref.finalize(self, os.close, self._descriptor)
        data = appending.read_all(self._descriptor, self._path)
        try:
            self._records, self._size = decode_all(data)
        except JournalError as error:
            raise JournalError(
                f"{self._path}: {error}; nothing was sent",
                hint="move the file away only when no transaction of the account waits: it says what was sent",
            ) from None

    def record(self, kind: str, /, **facts: str | int | None) -> None:
        """Add one record; it is on disk when this returns. Raises JournalError."""
        record = Record(kind, facts)
        line = encode(record)
        appending.append(self._descriptor, self._path, self._size, line)
        self._size += len(line)
        self._records.append(record)

    def records(self) -> tuple[Record, ...]:
        """Return all records, oldest first."""
        return tuple(self._records)

    def facts(self, kind: str) -> tuple[Facts, ...]:
        """Return the facts of all records of a kind, oldest first."""
        return tuple(record.facts for record in self._records if record.kind == kind)

    def close(self) -> None:
        """Close the file."""
        self._closing()
