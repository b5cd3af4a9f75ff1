"""The terminal: talk goes to stderr, data to stdout; bars only where somebody watches."""

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
"""Columns that everything but the label takes."""


def talk() -> Console:
    """Return the console on stderr; NO_COLOR and a missing terminal are respected, nothing is read as markup."""
    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        # Lines in a log are not broken at a width that nobody has.
        console.soft_wrap = True
        console.width = 200
    return console


def can_ask() -> bool:
    """Tell whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


class ConsoleReporter:
    """Shows a bar per task on a terminal, and one line per finished task elsewhere. Tasks may be side by side."""

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
        """Give the display that is open, or one that ends with this task: a terminal can have but one."""
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
    """Return if the person agrees, or has agreed with `yes`. Raises PublishError."""
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
