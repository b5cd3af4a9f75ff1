"""twine, uv, Poetry, Flit and Hatch as they publish a project, each isolated in an environment of its own."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dipmp_lib.publish.bridge.tools import TOOLS
from tests.support.programs.clients import UV, Run, isolated_env, run
from tests.support.programs.required import require_client

EPOCH = "1700000000"
"""For SOURCE_DATE_EPOCH: the same project gives the same bytes whenever it is built."""
_PYPROJECT = """\
[build-system]
requires = ["{backend}"]
build-backend = "{module}"
[project]
name = "{name}"
version = "1.0"
description = "A package that a test uploads."
requires-python = ">=3.8"
readme = "README.md"
authors = [{{ name = "Ärger & Söhne", email = "somebody@example.org" }}]
dependencies = ["idna>=3", "packaging; python_version>'3.9'"]
[project.urls]
Home = "https://example.org/{name}"
"""
_BACKENDS = {
    "poetry": ("poetry-core", "poetry.core.masonry.api"),
    "flit": ("flit_core", "flit_core.buildapi"),
}
_HATCHLING = ("hatchling", "hatchling.build")
UPLOADERS = ("twine", "uv", "poetry", "flit", "hatch")
_COMMANDS = {
    "twine": ("upload", "--non-interactive", "--disable-progress-bar"),
    "uv": ("--no-config", "publish"),
    "poetry": ("publish", "--no-interaction", "--repository", "dipmp"),
    "flit": ("publish",),
    "hatch": ("--no-color", "--no-interactive", "publish", "--no-prompt"),
}
_TOOLS = {tool.name.lower(): tool for tool in TOOLS}


def program_of(name: str) -> Path:
    """Return the tool's path. Skips the running test without it."""
    return UV if name == "uv" else require_client(name)


@dataclass(frozen=True)
class Uploader:
    """One tool with a small project in `folder`; `only_wheel` leaves the sdist out."""

    name: str
    folder: Path
    prefix: str = "demo"
    only_wheel: bool = False

    @property
    def project(self) -> str:
        """The project's name."""
        return f"{self.prefix}-{self.name}"

    @property
    def module(self) -> Path:
        """The project's module, which is in wheel and sdist."""
        return self.folder / f"{self.prefix}_{self.name}.py"

    @property
    def dists(self) -> list[Path]:
        """The built files."""
        return sorted((self.folder / "dist").glob("*-1.0*"))

    def command(self) -> list[str]:
        """Return the command that publishes both files."""
        program, *arguments = str(program_of(self.name)), *_COMMANDS[self.name]
        if self.name == "twine":
            arguments += [str(path) for path in self.dists]
        if self.name == "flit" and self.only_wheel:
            arguments += ["--format", "wheel"]
        return [program, *arguments]

    @property
    def env(self) -> dict[str, str]:
        """The isolated variables."""
        return isolated_env(self.folder.parent / f"home-{self.name}") | {
            "SOURCE_DATE_EPOCH": EPOCH,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }

    def build(self, text: str = "VALUE = 1\n") -> None:
        """Write the project and build wheel and sdist; their bytes depend on `text`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        backend, module = _BACKENDS.get(self.name, _HATCHLING)
        self.module.write_text(f'"""A package that a test uploads."""\n{text}')
        (self.folder / "README.md").write_text(f"# {self.project}\n\nÜber *nothing*.\n")
        pyproject = _PYPROJECT.format(backend=backend, module=module, name=self.project)
        (self.folder / "pyproject.toml").write_text(pyproject)
        builder = [sys.executable, "-m", "build", "--no-isolation"]
        if self.name in _BACKENDS:
            builder = [str(program_of(self.name)), "build"]
        for path in self.dists:
            path.unlink()
        subprocess.run(builder, cwd=self.folder, env=self.env, check=True, capture_output=True, timeout=120)
        assert len(self.dists) == 2
        if self.only_wheel:
            next(path for path in self.dists if path.suffix != ".whl").unlink()

    def publish(self, url: str, token: str, extra: Mapping[str, str] | None = None) -> Run:
        """Publish both files, with the variables that the bridge prints."""
        env = self.env | _TOOLS[self.name].environment(url, token) | dict(extra or {})
        return run(self.command(), env=env, cwd=self.folder, timeout=180)
