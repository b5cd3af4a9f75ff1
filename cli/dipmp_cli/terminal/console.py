"""Console on stderr, progress bars on terminals, and the question for consent."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from dipmp_lib.errors import PublishError
from dipmp_lib.progress import Advance

if TYPE_CHECKING:
    from rich.progress import Progress

_BAR_WIDTH = 36
"""Columns of a bar without its label."""


def talk() -> Console:
    """Return the console on stderr; it respects NO_COLOR and a missing terminal, and reads nothing as markup."""
    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        # Lines of a log have no width at which to break.
        console.soft_wrap = True
        console.width = 200
    return console


def print_line(console: Console, line: str) -> None:
    """Print a line that people may copy: never broken, however narrow the terminal."""
    console.print(line, soft_wrap=True)


def can_ask() -> bool:
    """Return whether stdin and stderr are terminals."""
    return sys.stdin.isatty() and sys.stderr.isatty()


class ConsoleReporter:
    """Reporter with a bar per task on a terminal, one line per finished task elsewhere. Tasks may overlap."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress: Progress | None = None

    @contextmanager
    def task(self, label: str, total: int) -> Iterator[Advance]:
        """Show one task while it lasts."""
        if self._console.is_terminal:
            with self._bars() as progress:
                task = progress.add_task(self._cut(label), total=total)
                try:
                    yield lambda done: progress.advance(task, done)
                finally:
                    progress.refresh()
                    progress.update(task, visible=False)
        else:
            yield lambda _done: None
        self._console.print(f"{label}: done", soft_wrap=True)

    def note(self, text: str) -> None:
        """Print a line."""
        self._console.print(f"note: {text}", soft_wrap=True)

    @contextmanager
    def _bars(self) -> "Iterator[Progress]":
        """Yield the open display, or a new one for this task: a terminal can have only one."""
        if self._progress is not None:
            yield self._progress
            return
        with self._bar() as progress:
            self._progress = progress
            try:
                yield progress
            finally:
                self._progress = None

    def _bar(self) -> "Progress":
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

        columns = (BarColumn(bar_width=20), TaskProgressColumn(), TimeElapsedColumn())
        # The label comes last and is cut, so that a long one costs neither the bar nor the number.
        return Progress(*columns, TextColumn("{task.description}", markup=False), console=self._console, transient=True)

    def _cut(self, label: str) -> str:
        room = max(self._console.width - _BAR_WIDTH, 10)
        return label if len(label) <= room else f"{label[: room - 1]}\u2026"


def ask(question: str, *, yes: bool) -> None:
    """Ask for consent, unless `yes` gave it. Raises PublishError without consent or without a terminal."""
    if yes:
        return
    if not can_ask():
        raise PublishError("nothing was sent: there is no terminal to ask for consent on", hint="add --yes to consent")
    try:
        agreed = typer.confirm(question, err=True)
    except typer.Abort:  # Ctrl-C or the end of the input
        agreed = False
    if not agreed:
        raise PublishError("nothing was sent: you said no")
