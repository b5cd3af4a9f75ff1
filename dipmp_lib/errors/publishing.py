"""What stops a publish."""

from collections.abc import Sequence

from .base import DipmpError


class PublishError(DipmpError):
    """Publishing stopped before its transaction was sent, unless the message says otherwise."""


class InvalidDistribution(PublishError):
    """One or more files cannot be published; `problems` are (file name, sentence) pairs."""

    def __init__(self, problems: Sequence[tuple[str, str]], *, hint: str = "") -> None:
        super().__init__("; ".join(f"{name}: {text}" for name, text in problems), hint=hint)
        self.problems = tuple(problems)


class Conflict(PublishError):
    """A file name is already taken by other bytes."""


class SignerError(PublishError):
    """The signing key cannot be used."""


class JournalError(PublishError):
    """The journal of what was sent cannot be locked, read or written."""


class TransactionError(PublishError):
    """A transaction could not be sent, or failed."""


class CallRefused(TransactionError):
    """The contract refuses what a transaction asks for; another try of the same is refused again."""
