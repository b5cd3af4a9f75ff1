"""A journal that is nowhere."""

from .records import Facts, Record


class MemoryJournal:
    """Keeps records as long as it lives."""

    def __init__(self) -> None:
        self._records: list[Record] = []

    def record(self, kind: str, /, **facts: str | int | None) -> None:
        """Add one record."""
        self._records.append(Record(kind, facts))

    def records(self) -> tuple[Record, ...]:
        """Return all records, oldest first."""
        return tuple(self._records)

    def facts(self, kind: str) -> tuple[Facts, ...]:
        """Return the facts of all records of a kind, oldest first."""
        return tuple(record.facts for record in self._records if record.kind == kind)

    def close(self) -> None:
        """Do nothing."""
