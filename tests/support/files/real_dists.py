"""Real distributions, downloaded once by pip for each lock file and kept in the checkout's cache."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.repository import CACHE, ROOT

DISTS = CACHE / "dists"
SDISTS = ("tomli-w",)


def _pip_download(target: Path, lock: Path, *options: str) -> None:
    command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "--require-hashes", "-r", str(lock), "-d", str(target), *options], check=True)


def locked_dists(name: str) -> tuple[Path, ...]:
    """Return the files of `requirements/{name}.txt` for this interpreter, sdists where SDISTS says so."""
    lock = ROOT / "requirements" / f"{name}.txt"
    tag = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = DISTS / f"{name}-{tag}"
    if not folder.is_dir():
        partial = folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        _pip_download(partial, lock, "--only-binary", ":all:", "--no-binary", ",".join(SDISTS))
        partial.rename(folder)
    return tuple(sorted(folder.iterdir()))


def own_dists() -> tuple[Path, ...]:
    """Build dipmp-pkg itself, wheel and sdist, from this checkout, with the locked build backend."""
    folder = DISTS / "dipmp-pkg"
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return tuple(sorted(folder.iterdir()))
