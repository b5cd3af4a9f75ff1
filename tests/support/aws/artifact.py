"""The Lambda artifact, built once for all tests of the same sources and kept in .cache."""

import fcntl
import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from infra import interpreters
from infra.bundle import build
from tests.support.repository import CACHE

ARTIFACTS = CACHE / "artifacts"


@cache
def newest() -> tuple[str, Path]:
    """Return the newest minor version that can run the artifact here, and its interpreter."""
    found = interpreters.newest()
    assert found is not None, "this very interpreter is 3.11 or newer"
    return found


@cache
def artifact(arch: str = "x86_64", python: str = "", *, bytecode: bool = True) -> Path:
    """Return the zip file, by default for the newest interpreter here. Needs a package registry or a cache of it."""
    version = python or newest()[0]
    path = ARTIFACTS / f"dipmp-{arch}-{version}{'' if bytecode else '-sources'}.zip"
    with _alone(path):
        return build(arch, version, bytecode=bytecode, out=path, reuse=True)


@cache
def unpacked(arch: str = "x86_64", python: str = "", *, bytecode: bool = True) -> Path:
    """Return the folder of an unzipped artifact, as Lambda has it at /var/task. Read-only by convention."""
    path = artifact(arch, python, bytecode=bytecode)
    with _alone(path):
        folder = path.with_suffix(f".{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}")
        if not folder.is_dir():
            for old in path.parent.glob(f"{path.stem}.*"):
                if old.is_dir():
                    shutil.rmtree(old)
            whole = Path(tempfile.mkdtemp(dir=path.parent))
            with zipfile.ZipFile(path) as archive:
                archive.extractall(whole)
            whole.rename(folder)
    return folder


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Lock a path against other test processes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
