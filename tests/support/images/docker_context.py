"""The build context of a folder: its files without those that .dockerignore excludes.

Source: Docker's documentation of build contexts. A pattern is rooted in the context, covers what is below a match, the
last match wins, and `!` takes back.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class Rule:
    """One line: its pattern, and whether matches are excluded."""

    pattern: re.Pattern[str]
    ignored: bool


def parse_rules(text: str) -> tuple[Rule, ...]:
    """Parse a .dockerignore."""
    lines = [line.strip() for line in text.splitlines()]
    return tuple(_rule(line) for line in lines if line and not line.startswith("#"))


def is_ignored(path: PurePosixPath, rules: tuple[Rule, ...]) -> bool:
    """Return whether a file is excluded."""
    names = [str(path), *(str(parent) for parent in path.parents[:-1])]
    ignored = False
    for rule in rules:
        if any(rule.pattern.fullmatch(name) for name in names):
            ignored = rule.ignored
    return ignored


def context_files(folder: Path, among: list[str]) -> list[str]:
    """Return the files of the build context, out of `among`."""
    rules = parse_rules((folder / ".dockerignore").read_text())
    return [name for name in among if not is_ignored(PurePosixPath(name), rules)]


def tracked_files(folder: Path) -> list[str]:
    """Return the tracked files, and new ones that git does not ignore."""
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
