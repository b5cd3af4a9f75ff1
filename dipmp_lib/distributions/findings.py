"""What checks say about one file: clauses that continue its name ("is not …", "has …"), and how much they weigh."""

from dataclasses import dataclass
from enum import StrEnum

MAX_FINDINGS = 20
"""Clauses of one weight about one file; what exceeds them is counted in one more."""

SHOWN = 80
"""Characters of a text from an archive that a clause repeats."""


class Severity(StrEnum):
    """What a finding means for publishing.

    ERROR: readers would ignore the file, or two of them see different ones. FORM: today's indexes refuse it and build
    tools avoid it, but older files that are installed daily have it. WARNING: a person should know.
    """

    ERROR = "error"
    FORM = "form"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One clause about a file."""

    weight: Severity
    text: str


class Findings:
    """Grows while a file is checked; bounded, whatever the file holds."""

    def __init__(self) -> None:
        self._texts: dict[Severity, list[str]] = {weight: [] for weight in Severity}

    def error(self, text: str) -> None:
        """Note that no file like this can be published."""
        self._texts[Severity.ERROR].append(text)

    def form(self, text: str) -> None:
        """Note what no new file should have."""
        self._texts[Severity.FORM].append(text)

    def warn(self, text: str) -> None:
        """Note what a person should know."""
        self._texts[Severity.WARNING].append(text)

    def all(self) -> tuple[Finding, ...]:
        """Return every clause once, the heaviest first."""
        return tuple(Finding(weight, text) for weight in Severity for text in _bounded(self._texts[weight]))


def shown(text: str) -> str:
    """Return a text from an archive as a short ASCII literal."""
    return ascii(text[:SHOWN])


def _bounded(texts: list[str]) -> list[str]:
    unique = list(dict.fromkeys(texts))
    left = len(unique) - MAX_FINDINGS
    return unique if left <= 0 else [*unique[:MAX_FINDINGS], f"has {left} more problems like these"]
