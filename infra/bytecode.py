"""Compiles the artifact's modules, since /var/task is read-only and every cold start would compile them again."""

import subprocess
from pathlib import Path

from infra.errors import CannotBundle

TASK = "/var/task"
"""The folder to which Lambda unzips the artifact; tracebacks name it."""


def compile_folder(folder: Path, interpreter: Path) -> None:
    """Write __pycache__ folders with unchecked hashes, so that loading never reads the sources (PEP 552).

    The same sources give the same bytes, whatever the folder and its files' times. Raises CannotBundle for a module
    that does not compile.
    """
    mode = ["-m", "compileall", "-q", "-f", "-j", "1", "--invalidation-mode", "unchecked-hash"]
    command = [str(interpreter), "-I", *mode, "-s", str(folder), "-p", TASK, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise CannotBundle(f"{interpreter} could not compile the artifact: {' '.join(done.stdout.split())[-500:]}")
