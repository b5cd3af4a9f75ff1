"""CPython interpreters of this machine by minor version, found by running the candidates."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PROBE = "import sys; print(sys.implementation.name, '%d.%d' % sys.version_info[:2], sys.executable)"
SECONDS = 10
MANAGED = (
    ("PYENV_ROOT", ".pyenv", "versions/{0}.*"),
    ("UV_PYTHON_INSTALL_DIR", ".local/share/uv/python", "cpython-{0}.*"),
)
"""Folders of pyenv and uv: the variable, its default below the home folder, and the pattern of interpreters."""


def find(version: str) -> Path | None:
    """Return the executable of a CPython of this minor version ("3.13"), None if there is none that runs."""
    return next((found for candidate in _candidates(version) if (found := _probe(candidate, version))), None)


def newest(versions: tuple[str, ...] = ("3.14", "3.13", "3.12", "3.11")) -> tuple[str, Path] | None:
    """Return the first of these minor versions that the machine has, with its executable."""
    return next(((version, found) for version in versions if (found := find(version))), None)


def _candidates(version: str) -> Iterator[Path]:
    """Yield this interpreter, those on PATH, then pyenv's and uv's, newest first; some may be shims that do not run."""
    yield Path(sys.executable)
    for folder in os.get_exec_path():
        yield Path(folder, f"python{version}")
    for variable, default, pattern in MANAGED:
        root = Path(os.environ.get(variable) or Path.home() / default)
        yield from (
            folder / "bin" / "python3" for folder in sorted(root.glob(pattern.format(version)), key=_numbers)[::-1]
        )


def _numbers(folder: Path) -> tuple[int, ...]:
    """Return the numbers of a folder's name, which order 3.13.10 after 3.13.9."""
    return tuple(map(int, "".join(c if c.isdigit() else " " for c in folder.name).split()))


def _probe(candidate: Path, version: str) -> Path | None:
    """Return the candidate's sys.executable if it is a CPython of this version, else None."""
    if not candidate.is_file():
        return None
    command = [str(candidate), "-I", "-c", PROBE]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    prefix = f"cpython {version} "
    line = done.stdout.strip()
    return Path(line.removeprefix(prefix)) if line.startswith(prefix) else None
