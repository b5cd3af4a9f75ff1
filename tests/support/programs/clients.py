"""pip and uv, isolated from this machine's variables, configuration files and caches."""

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.repository import TOOLS

PIPS = {"pip-newest": TOOLS / "pip-newest", "pip-oldest": TOOLS / "pip-oldest"}
UV = Path(sys.executable).with_name("uv")
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")


def isolated_env(home: Path) -> dict[str, str]:
    """Return an environment with no PIP_*, UV_*, proxy or index variable, and an empty home."""
    home.mkdir(parents=True, exist_ok=True)
    env = {key: os.environ[key] for key in _KEPT if key in os.environ}
    folders = {
        "HOME": home,
        "XDG_CONFIG_HOME": home / "config",
        "XDG_CACHE_HOME": home / "cache",
        "TMPDIR": home / "tmp",
    }
    folders["TMPDIR"].mkdir(exist_ok=True)
    return env | {key: str(value) for key, value in folders.items()} | {"PIP_CONFIG_FILE": os.devnull}


@dataclass(frozen=True)
class Run:
    """The result of a command."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """The exit code and both streams, for messages of assertions."""
        return f"exit {self.code}\n{self.out}\n{self.err}"


def run(command: Sequence[str | Path], *, env: dict[str, str], cwd: Path, timeout: float = 300) -> Run:
    """Run a command to its end, whatever its exit code."""
    done = subprocess.run(
        [str(part) for part in command], env=env, cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False
    )
    return Run(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Environment:
    """A fresh virtual environment with one client; `client` is a key of PIPS or "uv"."""

    folder: Path
    client: str

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.folder / "venv" / "bin" / "python"

    @property
    def env(self) -> dict[str, str]:
        """The isolated variables."""
        return isolated_env(self.folder / "home")

    def run(self, *command: str | Path, timeout: float = 300) -> Run:
        """Run any command isolated in this environment's folder."""
        return run(command, env=self.env, cwd=self.folder, timeout=timeout)

    def script(self, name: str, *args: str) -> Run:
        """Run an installed console script."""
        return self.run(self.folder / "venv" / "bin" / name, *args)

    def pip(self, *args: str, timeout: float = 300) -> Run:
        """Run this environment's pip."""
        options = ("--isolated", "--disable-pip-version-check", "--no-input")
        return self.run(self.python, "-m", "pip", *options, *args, timeout=timeout)

    def uv(self, *args: str, timeout: float = 300) -> Run:
        """Run uv with no configuration and its own empty cache."""
        return self.run(UV, "--no-config", "--cache-dir", self.folder / "uv-cache", *args, timeout=timeout)

    def install(self, index_url: str, *requirements: str, timeout: float = 600) -> Run:
        """Install from one index only."""
        if self.client == "uv":
            python = ("--python", str(self.python))
            return self.uv("pip", "install", *python, "--index-url", index_url, *requirements, timeout=timeout)
        report = ("--report", str(self.report_file))
        return self.pip("install", "--index-url", index_url, *report, *requirements, timeout=timeout)

    @property
    def report_file(self) -> Path:
        """pip's last installation report."""
        return self.folder / "report.json"

    def download_urls(self) -> list[str]:
        """Return every URL in pip's last installation report."""
        report = json.loads(self.report_file.read_text())
        return [item["download_info"]["url"] for item in report["install"]]


def make_environment(folder: Path, client: str) -> Environment:
    """Create the environment. pip is copied from the locked versions, without an index."""
    folder.mkdir(parents=True)
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    if client != "uv":
        (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
        for part in PIPS[client].glob("pip*"):
            shutil.copytree(part, site / part.name, dirs_exist_ok=True)
    return Environment(folder, client)
