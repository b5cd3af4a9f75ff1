"""Progress port: long-running work reports here and knows nothing of terminals."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Advance = Callable[[int], None]
"""Called with the units done since the last call, from any thread; negative where work has to be done again."""


class Reporter(Protocol):
    """Reports the progress of tasks, which may run side by side."""

    def task(self, label: str, total: int) -> AbstractContextManager[Advance]:
        """Start a task of `total` units (bytes, or transactions); leaving the context ends it."""
        ...

    def note(self, text: str) -> None:
        """Report a sentence that does not stop the work."""
        ...


class SilentReporter:
    """Reports nothing, for programs that use the library directly and for `--quiet` runs."""

    @contextmanager
    def task(self, label: str, total: int) -> Iterator[Advance]:  # noqa: ARG002 - the port's names
        """Ignore the progress of one task."""
        yield lambda _done: None

    def note(self, text: str) -> None:
        """Ignore it."""
