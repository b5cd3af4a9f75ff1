"""What was learnt about content, which is the same for every account: pins and proofs of retrieval."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import JournalError
from . import appending
from .records import Facts, Record, decode_all, encode

NAME = "notes.jsonl"
_KIND = "note"
_KEY = "key"


class FileNotes:
    """Notes by key, in a file of `folder` that several processes may add to at once.

    A file that is damaged is started anew: a note only spares work. Raises JournalError where it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / NAME
        self._known: set[str] | None = None

    def known(self, key: str) -> bool:
        """Tell whether something was noted under the key."""
        if self._known is None:
            self._known = self._load()
        return key in self._known

    def keep(self, key: str, facts: Facts) -> None:
        """Note something under the key; it is on disk when this returns."""
        line = encode(Record(_KIND, {**facts, _KEY: key}))
        with self._locked() as descriptor:
            _, size = _decoded(appending.read_all(descriptor, self._path))
            appending.append(descriptor, self._path, size, line)
        if self._known is not None:
            self._known.add(key)

    def _load(self) -> set[str]:
        if not self._path.exists():
            return set()
        with self._locked() as descriptor:
            records, _ = _decoded(appending.read_all(descriptor, self._path))
        return {str(record.facts[_KEY]) for record in records if record.kind == _KIND and _KEY in record.facts}

    @contextmanager
    def _locked(self) -> Iterator[int]:
        appending.make_folder(self._folder)
        descriptor = appending.open_growing(self._path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)


def _decoded(data: bytes) -> tuple[list[Record], int]:
    try:
        return decode_all(data)
    except JournalError:
        return [], 0
