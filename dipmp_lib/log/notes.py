"""Notes of the fold on entries that it ignored or changed, bounded: a flooded log cannot flood its reader.

Codes and order are part of the format (docs/log-format.md, "Notes"); `detail` is free text for people.
"""

import re

from ..model.filenames import MAX_FILENAME
from ..model.pages import Note
from .limits import MAX_ENTRY_NOTES

INCOMPLETE = frozenset({"unknown-kind", "unknown-format", "malformed-payload", "no-claim", "unexpected-claim"})
"""Codes that make a page incomplete: it may lack something that the log says."""

_MAX_DETAIL = 300
_UNPRINTABLE = re.compile(r"[^ -~]")


class FoldNotes:
    """Collects the notes of one fold, entry by entry."""

    def __init__(self) -> None:
        self.incomplete = False
        self._notes: list[Note] = []
        self._entry = -1
        self._count = 0

    def add(self, entry: int, code: str, filename: str = "", detail: str = "") -> None:
        """Add a note on an entry; entries come in log order."""
        self.incomplete = self.incomplete or code in INCOMPLETE
        if entry != self._entry:
            self._close()
            self._entry, self._count = entry, 0
        self._count += 1
        if self._count <= MAX_ENTRY_NOTES:
            note = Note(entry=entry, code=code, filename=_printable(filename), detail=detail[:_MAX_DETAIL])
            self._notes.append(note)

    def result(self) -> tuple[Note, ...]:
        """Return all notes in log order; nothing is added after that."""
        self._close()
        return tuple(self._notes)

    def _close(self) -> None:
        """Add the number of notes on the current entry that were left out."""
        left_out = self._count - MAX_ENTRY_NOTES
        if left_out > 0:
            self._notes.append(Note(entry=self._entry, code="more", detail=f"{left_out} more notes about this entry"))
        self._count = 0


def _printable(text: str) -> str:
    """Return hostile text in printable ASCII, no longer than a file name."""
    return _UNPRINTABLE.sub("?", text[:MAX_FILENAME])
