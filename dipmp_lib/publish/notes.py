"""What need not be done again, and for how long."""

from collections.abc import Callable, Mapping

from .ports import Notes

_DAY = 86_400


class MemoryNotes:
    """Notes that are forgotten with the program. Safe to use from several threads."""

    def __init__(self) -> None:
        self.facts: dict[str, Mapping[str, str | int | None]] = {}

    def known(self, key: str) -> bool:
        """Tell whether something was noted under the key."""
        return key in self.facts

    def keep(self, key: str, facts: Mapping[str, str | int | None]) -> None:
        """Note something under the key."""
        self.facts[key] = dict(facts)


class FreshNotes:
    """Notes that count for the day (UTC) on which they are made and the next: services lose what they once had.

    `now` gives unix seconds.
    """

    def __init__(self, notes: Notes, now: Callable[[], float]) -> None:
        self._notes = notes
        self._now = now

    def known(self, key: str) -> bool:
        """Tell whether something was noted under the key lately."""
        today = self._today()
        return any(self._notes.known(f"{key} {day}") for day in (today, today - 1))

    def keep(self, key: str, facts: Mapping[str, str | int | None]) -> None:
        """Note something under the key. Raises as the notes do."""
        self._notes.keep(f"{key} {self._today()}", {**facts, "at": int(self._now())})

    def _today(self) -> int:
        return int(self._now()) // _DAY
