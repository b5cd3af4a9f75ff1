"""Notes that are forgotten with the program."""

from collections.abc import Mapping


class MemoryNotes:
    """Keeps notes for one run, and to be looked at. Safe to use from several threads."""

    def __init__(self) -> None:
        self.facts: dict[str, Mapping[str, str | int | None]] = {}

    def known(self, key: str) -> bool:
        """Tell whether something was noted under the key."""
        return key in self.facts

    def keep(self, key: str, facts: Mapping[str, str | int | None]) -> None:
        """Note something under the key."""
        self.facts[key] = dict(facts)
