"""Installs hashed requirements for a function's platform, with uv, or with pip where uv is not installed."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from infra.errors import CannotBundle

ARCHITECTURES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's names of architectures, and those of wheel tags."""
STRICT = ("--only-binary", ":all:", "--no-deps", "--require-hashes")
"""No builds, no resolution, nothing without a locked hash."""
SECONDS = 600


@dataclass(frozen=True)
class Target:
    """A function's platform: Lambda's name of the architecture ("arm64", "x86_64") and the minor version ("3.13")."""

    arch: str
    python: str

    def __str__(self) -> str:
        return f"{self.arch}, Python {self.python}"


def installers() -> dict[str, Callable[[Path, Target, Path], list[str]]]:
    """Return the available installers by name, in order of preference."""
    found: dict[str, Callable[[Path, Target, Path], list[str]]] = {}
    if find_spec("uv") or shutil.which("uv"):
        found["uv"] = _uv
    if find_spec("pip"):
        found["pip"] = _pip
    return found


def install(requirements: Path, target: Target, folder: Path, installer: str = "") -> str:
    """Install into `folder`; return the installer's name. Raises CannotBundle."""
    found = installers()
    name = installer or next(iter(found), "")
    if name not in found:
        raise CannotBundle(f"{name or 'neither uv nor pip'} is not installed here: run `make setup`, or install uv")
    done = subprocess.run(  # noqa: S603 - our own command
        found[name](requirements, target, folder), capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if done.returncode != 0:
        words = " ".join(done.stderr.split()) or "it said nothing"
        raise CannotBundle(f"{name} could not install {requirements.name} for {target}: {words[-1000:]}")
    return name


def _uv(requirements: Path, target: Target, folder: Path) -> list[str]:
    """Return uv's command. It copies, since a link would let changes of the folder change uv's cache."""
    program = [sys.executable, "-m", "uv"] if find_spec("uv") else ["uv"]
    machine = f"{ARCHITECTURES[target.arch]}-manylinux2014"
    options = ["--quiet", "--python", sys.executable, "--link-mode", "copy", "--target", str(folder)]
    platform = ["--python-version", target.python, "--python-platform", machine]
    return [*program, "pip", "install", *options, *platform, *STRICT, "--requirements", str(requirements)]


def _pip(requirements: Path, target: Target, folder: Path) -> list[str]:
    machine = f"manylinux2014_{ARCHITECTURES[target.arch]}"
    options = ["--quiet", "--disable-pip-version-check", "--no-compile", "--target", str(folder)]
    platform = ["--python-version", target.python, "--platform", machine, "--implementation", "cp"]
    return [
        *(sys.executable, "-m", "pip", "install"),
        *options,
        *platform,
        *STRICT,
        *("--requirement", str(requirements)),
    ]
