"""How long work tells a person what it is doing, without knowing what a terminal is."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Advance = Callable[[int], None]
"""Called with how much of a task is done since the last call, in the task's own unit; from any thread, and with a
negative number where work has to be done again."""


class Reporter(Protocol):
    """Shows the progress of tasks, one after another or side by side."""

    def task(self, label: str, total: int) -> AbstractContextManager[Advance]:
        """Start a task of `total` units (bytes, or transactions); leaving the context ends it."""
        ...

    def note(self, text: str) -> None:
        """Say something that does not stop the work, as a sentence."""
        ...


class SilentReporter:
    """Reports nothing: for programs that use the library directly, and for `--quiet` runs."""

    @contextmanager
    def task(self, label: str, total: int) -> Iterator[Advance]:  # noqa: ARG002 - the port's names
        """Swallow the progress of one task."""
        yield lambda _done: None

    def note(self, text: str) -> None:
        """Swallow it."""
