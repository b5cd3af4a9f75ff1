"""Compiles a staged folder, so that no cold start has to: /var/task is read-only, so nothing is ever kept there."""

import subprocess
from pathlib import Path

from infra.errors import CannotBundle

TASK = "/var/task"
"""Where Lambda unzips the artifact, and therefore what tracebacks should say."""


def compile_folder(folder: Path, interpreter: Path) -> None:
    """Write __pycache__ folders with unchecked hashes: nobody looks at the sources when they load (PEP 552).

    The same sources give the same bytes, wherever the folder is and whenever its files were written.
    Raises CannotBundle for what does not compile.
    """
    mode = ["-m", "compileall", "-q", "-f", "-j", "1", "--invalidation-mode", "unchecked-hash"]
    command = [str(interpreter), "-I", *mode, "-s", str(folder), "-p", TASK, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise CannotBundle(f"{interpreter} could not compile the artifact: {' '.join(done.stdout.split())[-500:]}")
