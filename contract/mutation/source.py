"""A Solidity source as bytes, the places in it that the compiler names, and small changes of it."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Node = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """Bytes `start` to `end` of a source become `replacement`; `operator` names the kind of change."""

    start: int
    end: int
    replacement: str
    operator: str


@dataclass(frozen=True, order=True)
class Key:
    """What identifies a mutant while lines move: its lines before and after, spaces collapsed; which of those alike."""

    file: str
    before: str
    after: str
    ordinal: int


@dataclass(frozen=True)
class Mutant:
    """A changed source file, as it is to be compiled."""

    key: Key
    operator: str
    content: bytes


@dataclass(frozen=True)
class Source:
    """One file by its name in the compiler's input."""

    name: str
    content: bytes

    def text(self, node: Node) -> str:
        """Return the source of a node."""
        start, end = span(node)
        return self.content[start:end].decode()

    def operator_between(self, left: Node, right: Node, operator: str) -> tuple[int, int]:
        """Return where the operator stands between its operands."""
        start = self.content.index(operator.encode(), span(left)[1], span(right)[0])
        return start, start + len(operator)

    def statement(self, node: Node) -> tuple[int, int]:
        """Return the place of a statement with its semicolon, which the compiler's place leaves out."""
        start, end = span(node)
        return start, end + self.content.startswith(b";", end)


def span(node: Node) -> tuple[int, int]:
    """Return where a node begins and ends, in bytes."""
    start, length, _ = (int(part) for part in node["src"].split(":"))
    return start, start + length


def mutants(source: Source, changes: Iterable[Change]) -> list[Mutant]:
    """Return each change made to the source, in the order of their places; equal changes once."""
    seen: Counter[tuple[str, str]] = Counter()
    made = []
    for change in sorted(set(changes), key=lambda one: (one.start, one.end, one.replacement, one.operator)):
        content = source.content[: change.start] + change.replacement.encode() + source.content[change.end :]
        before, after = _lines(source.content, change, change.end), _lines(content, change, _new_end(change))
        seen[before, after] += 1
        key = Key(source.name, before, after, seen[before, after])
        made.append(Mutant(key, change.operator, content))
    return made


def _new_end(change: Change) -> int:
    return change.start + len(change.replacement.encode())


def _lines(content: bytes, change: Change, end: int) -> str:
    first = content.rfind(b"\n", 0, change.start) + 1
    last = content.find(b"\n", end)
    return re.sub(r"\s+", " ", content[first : None if last < 0 else last].decode()).strip()
