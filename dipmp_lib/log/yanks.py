"""Yanks: the last word about a file wins. Source: docs/log-format.md, "YANK"."""

from ..model import File
from .acceptance import Acceptance
from .notes import Notes
from .payload import Yank

_Word = tuple[int, str | None]
"""The entry that said it, and the reason; None = not yanked."""

_SILENCE: _Word = (-1, None)


class Yanks:
    """Keeps the last word per release entry and per file name, so a yank costs its targets, not their files."""

    def __init__(self, accepted: Acceptance, notes: Notes) -> None:
        self._accepted = accepted
        self._notes = notes
        self._entries: dict[int, _Word] = {}
        self._files: dict[str, _Word] = {}

    def add(self, number: int, yank: Yank) -> None:
        """Take one YANK entry. It reaches what the log held before it, and nothing later."""
        if yank.reason is None:
            self._notes.add(number, "bad-reason", detail="the reason is too long or holds controls")
        word = (number, (yank.reason or "") if yank.yanked else None)
        for target in yank.targets:
            if isinstance(target, int) and target in self._accepted.releases:
                self._entries[target] = word
            elif isinstance(target, str) and target in self._accepted.files:
                self._files[target] = word
            else:
                self._unknown(number, target)

    def reason(self, file: File) -> str | None:
        """Return why a file is yanked, or None if it is not."""
        by_entry = self._entries.get(file.entry, _SILENCE)
        by_name = self._files.get(file.filename, _SILENCE)
        return max(by_entry, by_name, key=lambda word: word[0])[1]

    def _unknown(self, number: int, target: str | int) -> None:
        if isinstance(target, int):
            self._notes.add(number, "unknown-target", detail=f"entry {target} is not an earlier release")
        else:
            self._notes.add(number, "unknown-target", target, "no earlier file has this name")
