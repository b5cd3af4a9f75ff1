"""A strict parser for the part of the Dockerfile language that ours uses; anything else is an error.

Source: Docker's Dockerfile reference. Escapes, heredocs, ONBUILD, ADD, SHELL, VOLUME and ARG are left out on purpose.
"""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

FLAGS = {
    "COPY": {"from", "chown", "chmod"},
    "HEALTHCHECK": {"interval", "timeout", "start-period", "retries"},
}
KNOWN = {"FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
_FROM = re.compile(r"(?P<image>\S+)(?:\s+AS\s+(?P<name>[a-z][a-z0-9_.-]*))?", re.I)


class DockerfileError(ValueError):
    """The text is not a Dockerfile that this parser knows."""


@dataclass(frozen=True)
class Instruction:
    """One instruction. `argv` is the exec form, or the words of COPY and ENV; `text` are the arguments as written."""

    keyword: str
    text: str
    line: int
    argv: tuple[str, ...] = ()
    flags: tuple[tuple[str, str], ...] = ()

    def flag(self, name: str) -> str:
        """Return a flag's value, "" where it is not given."""
        return dict(self.flags).get(name, "")


@dataclass(frozen=True)
class Stage:
    """A stage: the instructions from one FROM to the next."""

    image: str
    name: str
    instructions: tuple[Instruction, ...]

    def all(self, keyword: str) -> tuple[Instruction, ...]:
        """Return every instruction of a kind, in order."""
        return tuple(item for item in self.instructions if item.keyword == keyword)


@dataclass(frozen=True)
class Dockerfile:
    """The stages in order; the last one is what `docker build` makes."""

    stages: tuple[Stage, ...]

    def stage(self, name: str = "") -> Stage:
        """Return a stage by its name, the last one without a name."""
        return next(stage for stage in reversed(self.stages) if name in {"", stage.name})

    def lineage(self, stage: Stage) -> tuple[Stage, ...]:
        """Return the stages that a stage is built on, the base first, and itself."""
        for parent in self.stages:
            if parent.name == stage.image:
                return (*self.lineage(parent), stage)
        return (stage,)

    def last(self, stage: Stage, keyword: str) -> Instruction:
        """Return the last instruction of a kind, which is the image's. Raises DockerfileError."""
        found = [item for each in self.lineage(stage) for item in each.all(keyword)]
        if not found:
            raise DockerfileError(f"no {keyword} in {stage.name}")
        return found[-1]


def parse(text: str) -> Dockerfile:
    """Parse a Dockerfile. Raises DockerfileError."""
    stages: list[Stage] = []
    for number, line in _logical_lines(text):
        instruction = _instruction(number, line)
        if instruction.keyword == "FROM":
            stages.append(_stage(instruction, {stage.name for stage in stages}))
            continue
        if not stages:
            raise DockerfileError(f"line {number}: {instruction.keyword} before FROM")
        stage = stages.pop()
        stages.append(Stage(stage.image, stage.name, (*stage.instructions, instruction)))
    if not stages:
        raise DockerfileError("no FROM")
    return Dockerfile(tuple(stages))


def read(path: Path) -> Dockerfile:
    """Parse a file."""
    return parse(path.read_text())


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """Join continued lines; drop comments and empty lines, between continued ones too."""
    lines: list[tuple[int, str]] = []
    open_line: tuple[int, str] | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        if not raw.strip() or raw.lstrip().startswith("#"):
            continue
        start, before = open_line or (number, "")
        joined = before + raw.strip()
        if raw.rstrip().endswith("\\"):
            open_line = (start, joined[:-1].rstrip() + " ")
        else:
            lines.append((start, joined))
            open_line = None
    if open_line:
        raise DockerfileError(f"line {open_line[0]} is continued and never ends")
    return lines


def _instruction(number: int, line: str) -> Instruction:
    keyword, _, rest = line.partition(" ")
    rest = rest.strip()
    if keyword not in KNOWN:
        raise DockerfileError(f"line {number}: {keyword} is not an instruction that is used here")
    if "<<" in rest or not rest:
        raise DockerfileError(f"line {number}: {keyword} without arguments, or with a heredoc")
    flags = []
    while match := re.match(r"--([a-z-]+)=(\S+)\s+", rest):
        if match[1] not in FLAGS.get(keyword, set()):
            raise DockerfileError(f"line {number}: {keyword} --{match[1]}")
        flags.append((match[1], match[2]))
        rest = rest[match.end() :]
    if keyword == "HEALTHCHECK":
        command, _, rest = rest.partition(" ")
        if command != "CMD":
            raise DockerfileError(f"line {number}: HEALTHCHECK {command}")
    return Instruction(keyword, rest, number, _argv(number, keyword, rest), tuple(flags))


def _argv(number: int, keyword: str, rest: str) -> tuple[str, ...]:
    """Return the exec form of commands, the words of COPY and ENV, and () for a RUN in shell form."""
    if rest.startswith("["):
        try:
            argv = json.loads(rest)
        except json.JSONDecodeError as error:
            raise DockerfileError(f"line {number}: {keyword} is no JSON array") from error
        if not argv or not all(isinstance(word, str) for word in argv):
            raise DockerfileError(f"line {number}: {keyword} takes an array of texts")
        return tuple(argv)
    if keyword in {"CMD", "ENTRYPOINT", "HEALTHCHECK"}:
        raise DockerfileError(f"line {number}: {keyword} in shell form, where a shell would keep signals to itself")
    return () if keyword == "RUN" else tuple(shlex.split(rest))


def _stage(instruction: Instruction, taken: set[str]) -> Stage:
    match = _FROM.fullmatch(instruction.text)
    if match is None or not match["name"] or match["name"] in taken:
        raise DockerfileError(f"line {instruction.line}: FROM needs a name of its own")
    return Stage(match["image"], match["name"], ())
