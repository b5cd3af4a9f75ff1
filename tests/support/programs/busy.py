"""Run a command beside busy loops: `python -m tests.support.programs.busy COUNT -- COMMAND …`.

Whether a test passes must not depend on what else the machine does. The loops end with the command, however it ends.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType

_LOOP = """
import os, sys
while os.getppid() == int(sys.argv[1]):
    for _ in range(1_000_000):
        pass
"""
"""Ends soon after its parent did, should that be killed."""


@contextmanager
def busy_loops(count: int) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Keep so many processors busy while the block runs."""
    with ExitStack() as stack:
        loops = []
        for _ in range(count):
            loop = stack.enter_context(subprocess.Popen([sys.executable, "-c", _LOOP, str(os.getpid())]))
            stack.callback(loop.kill)
            loops.append(loop)
        yield loops


def _exit(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code."""
    count, dashes, *command = arguments
    if dashes != "--" or not command:
        raise SystemExit(__doc__)
    signal.signal(signal.SIGTERM, _exit)
    with busy_loops(int(count)), subprocess.Popen(command) as process:
        try:
            return process.wait()
        finally:
            process.terminate()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
