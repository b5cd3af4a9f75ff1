"""A program on a real pseudo terminal: typed to, read to its end, and what would be seen on the screen."""

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

_ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>])")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Session:
    """How it ended, and every byte that it wrote, as text."""

    code: int
    raw: str

    @property
    def colours(self) -> list[str]:
        """The escape sequences that set colours or styles, resets left out."""
        return [each for each in _COLOUR.findall(self.raw) if each not in ("\x1b[0m", "\x1b[m")]

    @property
    def writes(self) -> list[str]:
        """What was written between carriage returns and line ends, without escapes: what a line can be at most."""
        return [part for part in re.split(r"[\r\n]+", _ESCAPE.sub("", self.raw)) if part.strip()]


def on_terminal(
    command: Sequence[str | Path],
    env: Mapping[str, str],
    cwd: Path,
    *,
    columns: int = 80,
    answers: Mapping[str, str] | None = None,
    timeout: float = 120,
) -> Session:
    """Run a program on a terminal; each of `answers` is typed once, when its question has been written."""
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
        return Session(process.wait(timeout=10), written)
    finally:
        process.kill()
        process.wait()
        os.close(master)


def _read(master: int, ends: float) -> str | None:
    """Return what came, None at the end: when the last process has closed the terminal, or time is up."""
    with suppress(OSError):  # EIO is how Linux says that nobody is left
        ready, _, _ = select.select([master], [], [], max(0.0, ends - time.monotonic()))
        return (os.read(master, 65_536).decode(errors="replace") or None) if ready else None
    return None
