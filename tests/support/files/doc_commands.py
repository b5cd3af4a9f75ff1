"""Shell commands in a page of documentation, from fenced blocks and code spans."""

import re
import shlex
from pathlib import Path

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_SPAN = re.compile(r"`((?:sls|make|dipmp) [^`]*)`")


def commands(page: Path) -> list[list[str]]:
    """Return every command as its words, without the variables in front."""
    text = page.read_text()
    lines = [
        line for kind, block in _FENCED.findall(text) if not kind for line in block.replace("\\\n", " ").splitlines()
    ]
    lines += _SPAN.findall(_FENCED.sub("", text).replace("\n", " "))
    return [words for line in lines if (words := _words(line))]


def of_program(page: Path, program: str) -> list[list[str]]:
    """Return the arguments of every command of one program."""
    return [words[1:] for words in commands(page) if words[0] == program]


def _words(line: str) -> list[str]:
    words = shlex.split(line.partition(" | ")[0].replace("…", ""), comments=True)
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words.pop(0)
    return words
