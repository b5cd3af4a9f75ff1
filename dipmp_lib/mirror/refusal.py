"""Something that was asked for and will not be in the registry."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """`subject` is a file or project; `reason` a clause about it."""

    subject: str
    reason: str

    def __str__(self) -> str:
        return f"{self.subject} {self.reason}"


def clause(subject: str, error: Exception) -> Refusal:
    """Return a refusal for an error about `subject`, which the error's sentence may begin with."""
    text = str(error)
    for lead in (f"{subject}: ", f"{subject} "):
        text = text.removeprefix(lead)
    return Refusal(subject, text)
