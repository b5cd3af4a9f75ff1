"""Findings of checks: a subject, a clause that continues its name ("is not …", "has …"), and a severity."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

MAX_FINDINGS = 20
"""Clauses of one severity about one file; what exceeds them is counted in one more."""

SHOWN = 80
"""Characters of a text from an archive that a clause repeats."""


class Severity(StrEnum):
    """The consequence of a finding for publishing.

    ERROR: readers would ignore the file, or two of them see different ones. FORM: today's indexes refuse it and build
    tools avoid it, but older files that are installed daily have it. WARNING: a person should know.
    """

    ERROR = "error"
    FORM = "form"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One clause about a file or a project. Sorts by subject; as text it is a sentence without its full stop."""

    subject: str
    clause: str
    severity: Severity = Severity.ERROR

    @classmethod
    def from_error(cls, subject: str, error: Exception) -> Self:
        """Return an error about `subject` as a finding; its message may begin with the subject."""
        text = str(error)
        for lead in (f"{subject}: ", f"{subject} "):
            text = text.removeprefix(lead)
        return cls(subject, text)

    @property
    def problem(self) -> tuple[str, str]:
        """The pair that InvalidDistribution takes."""
        return self.subject, self.clause

    def __str__(self) -> str:
        return f"{self.subject} {self.clause}"


class Findings:
    """Collects the findings about one file; bounded, whatever the file holds."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._clauses: dict[Severity, list[str]] = {severity: [] for severity in Severity}

    def error(self, clause: str) -> None:
        """Add a reason why no file like this can be published."""
        self._clauses[Severity.ERROR].append(clause)

    def form(self, clause: str) -> None:
        """Add a fault of form, which no new file should have."""
        self._clauses[Severity.FORM].append(clause)

    def warn(self, clause: str) -> None:
        """Add a warning."""
        self._clauses[Severity.WARNING].append(clause)

    def all(self) -> tuple[Finding, ...]:
        """Return every finding once, the most severe first."""
        return tuple(
            Finding(self._subject, clause, severity)
            for severity in Severity
            for clause in _bounded(self._clauses[severity])
        )


def shown(text: str) -> str:
    """Return a text from an archive as a short ASCII literal."""
    return ascii(text[:SHOWN])


def _bounded(clauses: list[str]) -> list[str]:
    unique = list(dict.fromkeys(clauses))
    left = len(unique) - MAX_FINDINGS
    return unique if left <= 0 else [*unique[:MAX_FINDINGS], f"has {left} more problems like these"]
