"""Real distributions, downloaded once by pip for each lock file and kept in the checkout's cache."""

import atexit
import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

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
        DISTS.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=DISTS) as beside:
            partial = Path(beside, "dists")
            _pip_download(partial, lock, "--only-binary", ":all:", "--no-binary", ",".join(SDISTS))
            with suppress(OSError):  # another process of the same tests was quicker
                partial.rename(folder)
    return tuple(sorted(folder.iterdir()))


def own_dists() -> tuple[Path, ...]:
    """Build dipmp-pkg itself, wheel and sdist, from this checkout, with the locked build backend."""
    folder = DISTS / f"dipmp-pkg-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return tuple(sorted(folder.iterdir()))
