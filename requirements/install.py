"""Install a lock file into an environment or a folder: with uv where this one has it, else with pip; both check hashes.

python -m requirements.install LOCK [--python PYTHON] [--target FOLDER]

uv is quicker by far and comes first itself, with pip, where the lock file has it. pip takes over where uv fails, as on
a machine whose package index is configured for pip alone.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path

_OPTIONS = ("install", "-q", "--no-deps", "--require-hashes")
_UV = re.compile(r"^uv==(?:.*\\\n)*.*\n", re.MULTILINE)


def uv_alone(lock: str) -> str:
    """Return the part of a lock file that pins uv, "" where it has none."""
    found = _UV.search(lock)
    return found[0] if found else ""


def _pip(python: str, lock: Path, target: Path | None) -> bool:
    where = ("--upgrade", "--target", str(target)) if target else ()
    command = (sys.executable, "-m", "pip", "--python", python, *_OPTIONS, "--disable-pip-version-check", *where)
    return _succeeds([*command, "-r", str(lock)])


def _uv(python: str, lock: Path, target: Path | None) -> bool:
    where = ("--target", str(target)) if target else ()
    return _succeeds([sys.executable, "-m", "uv", "pip", *_OPTIONS, "--python", python, *where, "-r", str(lock)])


def _succeeds(command: Sequence[str]) -> bool:
    return subprocess.run(command, check=False).returncode == 0  # noqa: S603


def _bring_uv(lock: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder, "uv.txt")
        part.write_text(uv_alone(lock.read_text()))
        if part.stat().st_size:
            _pip(sys.executable, part, None)
    invalidate_caches()


def main() -> int:
    """Install, and return the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("lock", type=Path)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--target", type=Path)
    chosen = parser.parse_args()
    if not find_spec("uv"):
        _bring_uv(chosen.lock)
    where = chosen.python, chosen.lock, chosen.target
    return 0 if (find_spec("uv") and _uv(*where)) or _pip(*where) else 1


if __name__ == "__main__":
    raise SystemExit(main())
