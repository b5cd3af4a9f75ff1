"""`make lambda-runtime`: install the runtime client, from hashed requirements, for the newest Python that there is."""

import os
import shutil
import subprocess
import sys

from infra.interpreters import find
from tests.support.repository import ROOT

from .runtime import VERSIONS, client_folder

REQUIREMENTS = ROOT / "requirements" / "lambda-runtime.txt"
MINIMUM = "it needs CPython " + " or ".join(VERSIONS)


def main() -> int:
    """Install unless that was done; return 1 without an interpreter or a wheel for this platform in CI, else 0."""
    version = next((version for version in VERSIONS if find(version)), None)
    if version is None:
        return _missing(MINIMUM)
    ready = client_folder(version) / "ready"
    if ready.is_file() and ready.stat().st_mtime >= REQUIREMENTS.stat().st_mtime:
        return 0
    shutil.rmtree(ready.parent, ignore_errors=True)
    options = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--python-version", version]
    command = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", *options]
    command += ["--implementation", "cp", "--target", str(ready.parent), "-r", str(REQUIREMENTS)]
    if subprocess.run(command, check=False).returncode:
        return _missing("it has no wheel for this platform")
    ready.touch()
    return 0


def _missing(reason: str) -> int:
    sys.stderr.write(f"--- no Lambda runtime client: {reason}; the tests that need it will skip\n")
    return int(os.environ.get("CI") == "true")


if __name__ == "__main__":
    raise SystemExit(main())
