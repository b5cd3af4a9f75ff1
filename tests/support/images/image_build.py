"""Builds a Dockerfile without a container engine: in folders, with a venv in place of the base image.

An engine's isolation, users and layers are not part of it. Stages are always built at the same place, `root`, so that
absolute paths in files copied between stages stay valid.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from infra import interpreters
from tests.support.images.dockerfile import Dockerfile, Instruction, Stage

_BASE = re.compile(r"python:(?P<version>3\.\d+)-slim-[a-z]+")
_ABSOLUTE = re.compile(r"(?<![^\s=:])/(?=[a-z])")
_FOREIGN = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PIP_TARGET")


@dataclass
class Built:
    """A built stage: its root folder, its ENV environment and its working directory."""

    root: Path
    env: dict[str, str]
    workdir: Path


@dataclass
class Builder:
    """Builds stages of `dockerfile` from the files in `context`, inside `folder`."""

    dockerfile: Dockerfile
    context: Path
    folder: Path
    _built: dict[str, Built] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        """The root folder of the stage that was built last."""
        return self.folder / "root"

    def build(self, name: str = "") -> Built:
        """Build a stage, and before it the stages that it needs; it is at `root` afterwards."""
        stage = self.dockerfile.stage(name)
        for need in _needs(self.dockerfile, stage):
            if need not in self._built:
                self._set_aside(need, self.build(need))
        built = self._begin(stage)
        for instruction in stage.instructions:
            self._do(instruction, built)
        return built

    def _set_aside(self, name: str, built: Built) -> None:
        place = self.folder / "stages" / name
        place.parent.mkdir(exist_ok=True)
        built.root.rename(place)
        self._built[name] = Built(place, built.env, place / built.workdir.relative_to(built.root))

    def _begin(self, stage: Stage) -> Built:
        shutil.rmtree(self.root, ignore_errors=True)
        if parent := self._built.get(stage.image):
            shutil.copytree(parent.root, self.root, symlinks=True)
            return Built(self.root, dict(parent.env), self.root / parent.workdir.relative_to(parent.root))
        self.root.mkdir()
        return Built(self.root, {"PATH": f"{self._base(stage.image)}:{os.defpath}"}, self.root)

    def _base(self, image: str) -> Path:
        """Return the bin folder of a venv of the image's Python version, or else of this interpreter's."""
        match = _BASE.fullmatch(image)
        assert match, f"{image} is not an official Python image with a tag that names version and Debian release"
        python = interpreters.find(match["version"]) or Path(sys.executable)
        base = self.folder / "base"
        if not base.is_dir():
            subprocess.run([python, "-m", "venv", "--clear", base], env=_clean_environment(), check=True)
        return base / "bin"

    def _do(self, instruction: Instruction, built: Built) -> None:
        match instruction.keyword:
            case "ENV":
                pairs = (pair.partition("=")[::2] for pair in instruction.argv)
                built.env |= {name: _expand(self._inside(value), built.env) for name, value in pairs}
            case "WORKDIR":
                built.workdir = built.root / instruction.argv[0].lstrip("/")
                built.workdir.mkdir(parents=True, exist_ok=True)
            case "COPY":
                self._copy(instruction, built)
            case "RUN":
                self._run(instruction, built)

    def _inside(self, text: str) -> str:
        """Return a text whose absolute paths lead into the stage."""
        return _ABSOLUTE.sub(f"{self.root}/", text)

    def _copy(self, instruction: Instruction, built: Built) -> None:
        *sources, last = instruction.argv
        target = built.root / last[1:] if last.startswith("/") else built.workdir / last
        stage = instruction.flag("from")
        for source in sources:
            origin = (self._built[stage].root if stage else self.context) / source.lstrip("/")
            if origin.is_dir():
                shutil.copytree(origin, target, symlinks=True, dirs_exist_ok=True)
            else:
                into = target / origin.name if last.endswith("/") else target
                into.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(origin, into)

    def _run(self, instruction: Instruction, built: Built) -> None:
        command = instruction.argv or ("sh", "-c", self._inside(instruction.text))
        done = subprocess.run(
            command,
            cwd=built.workdir,
            env=_clean_environment() | built.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"line {instruction.line}: {done.stdout[-2000:]}\n{done.stderr[-4000:]}"


def _needs(dockerfile: Dockerfile, stage: Stage) -> list[str]:
    named = [stage.image, *(item.flag("from") for item in stage.all("COPY"))]
    return [name for name in named if any(other.name == name for other in dockerfile.stages)]


def _clean_environment() -> dict[str, str]:
    """Return this machine's environment without the variables of a virtual environment."""
    return {name: value for name, value in os.environ.items() if name not in _FOREIGN}


def _expand(text: str, env: dict[str, str]) -> str:
    return re.sub(r"\$(\w+)", lambda match: env.get(match[1], ""), text)
