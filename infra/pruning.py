"""Removes files of installed packages that functions never read."""

import shutil
from pathlib import Path

FOLDERS = ("bin", "Crypto/SelfTest")
"""Commands, and a package's own tests. A test shows that nothing imports them."""
SUFFIXES = {".pyi", ".pyx", ".pxd", ".c", ".h"}
NAMES = {"py.typed", ".lock"}
RECORDS = {"METADATA", "entry_points.txt"}
"""Files that importlib.metadata reads. Licences stay too: they must go with every copy."""


def prune(folder: Path) -> None:
    """Delete such files, and folders that are then empty."""
    for name in FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if path.name == "__pycache__" or not any(path.iterdir()):
                shutil.rmtree(path)
        elif _unread(path.relative_to(folder)):
            path.unlink()


def _unread(path: Path) -> bool:
    if path.parts[0].endswith(".dist-info") and len(path.parts) > 1:
        licence = "licen" in path.as_posix().lower() or "copying" in path.name.lower() or "notice" in path.name.lower()
        return path.name not in RECORDS and not licence
    return path.suffix in SUFFIXES or path.name in NAMES
