"""A program on a pseudo terminal: typed answers, all output, and the screen that it leaves."""

import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fcntl import ioctl
from pathlib import Path

from tests.support.waiting import HANGS

_ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>])")
_PIECES = re.compile(rf"{_ESCAPE.pattern}|[\r\n]|[^\r\n\x1b]+")
_MOVE = re.compile(r"\x1b\[([0-9]*)([AK])")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Session:
    """The exit code, and all output as text."""

    code: int
    raw: str

    @property
    def colours(self) -> list[str]:
        """The escape sequences that set colours or styles, without resets."""
        return [each for each in _COLOUR.findall(self.raw) if each not in ("\x1b[0m", "\x1b[m")]

    @property
    def writes(self) -> list[str]:
        """The text between carriage returns and line ends, without escapes."""
        return [part for part in re.split(r"[\r\n]+", _ESCAPE.sub("", self.raw)) if part.strip()]

    @property
    def screen(self) -> list[str]:
        """The lines of the screen at the end; they are not broken at the right edge."""
        lines, row, column = [""], 0, 0
        for piece in _PIECES.findall(self.raw):
            if match := _MOVE.fullmatch(piece):
                row = max(0, row - int(match[1] or 1)) if match[2] == "A" else row
                lines[row] = "" if match[2] == "K" else lines[row]
            elif piece == "\r":
                column = 0
            elif piece == "\n":
                row, column = row + 1, 0
                lines += [""] * (row + 1 - len(lines))
            elif not piece.startswith("\x1b"):
                lines[row] = lines[row][:column].ljust(column) + piece + lines[row][column + len(piece) :]
                column += len(piece)
        return [line.rstrip() for line in lines]


def on_terminal(
    command: Sequence[str | Path],
    env: Mapping[str, str],
    cwd: Path,
    *,
    columns: int = 80,
    answers: Mapping[str, str] | None = None,
    timeout: float = 120,
) -> Session:
    """Run a program on a terminal; each of `answers` is typed once, after its question."""
    master, slave = pty.openpty()
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [str(part) for part in command],
        env={"TERM": "xterm-256color", **env},
        cwd=cwd,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    waiting, written, ends = dict(answers or {}), "", time.monotonic() + timeout
    try:
        while (data := _read(master, ends)) is not None:
            written += data
            for question in [each for each in waiting if each in written]:
                os.write(master, waiting.pop(question).encode())
        return Session(process.wait(timeout=HANGS), written)
    finally:
        process.kill()
        process.wait()
        os.close(master)


def _read(master: int, ends: float) -> str | None:
    """Return output, None at the end: when the last process has closed the terminal, or time is up."""
    with suppress(OSError):  # Linux answers EIO when all processes have closed it
        ready, _, _ = select.select([master], [], [], max(0.0, ends - time.monotonic()))
        return (os.read(master, 65_536).decode(errors="replace") or None) if ready else None
    return None
