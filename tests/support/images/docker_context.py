"""Which files of a folder a container engine is given, by its .dockerignore.

Source: Docker's documentation of build contexts. A pattern is rooted in the context, covers what is below a match, the
last match wins, and `!` takes back.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class Rule:
    """One line: what it matches, and whether that is left out."""

    pattern: re.Pattern[str]
    ignored: bool


def parse_rules(text: str) -> tuple[Rule, ...]:
    """Parse a .dockerignore."""
    lines = [line.strip() for line in text.splitlines()]
    return tuple(_rule(line) for line in lines if line and not line.startswith("#"))


def is_ignored(path: PurePosixPath, rules: tuple[Rule, ...]) -> bool:
    """Tell whether a file is left out."""
    names = [str(path), *(str(parent) for parent in path.parents[:-1])]
    ignored = False
    for rule in rules:
        if any(rule.pattern.fullmatch(name) for name in names):
            ignored = rule.ignored
    return ignored


def context_files(folder: Path, among: list[str]) -> list[str]:
    """Return those of the files that an engine would be given."""
    rules = parse_rules((folder / ".dockerignore").read_text())
    return [name for name in among if not is_ignored(PurePosixPath(name), rules)]


def tracked_files(folder: Path) -> list[str]:
    """Return what a fresh clone would hold, and what is about to be added."""
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    listed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (folder / name).is_file()]


def _rule(line: str) -> Rule:
    ignored = not line.startswith("!")
    parts = line.removeprefix("!").strip("/").split("/")
    text = ""
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part == "**":
            text += ".*" if last else "(?:.*/)?"
        else:
            text += "".join({"*": "[^/]*", "?": "[^/]"}.get(char, re.escape(char)) for char in part)
            text += "" if last else "/"
    return Rule(re.compile(text), ignored)
