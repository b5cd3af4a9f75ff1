"""contract/mutants.md: why mutants survive. A section says why; its diff blocks show which.

A diff block is lines `@@ FILE` (or `@@ FILE N`, for the Nth mutant that looks the same), each followed by one line
`- BEFORE` and one line `+ AFTER`.
"""

import re
from collections import Counter

from contract.mutation.source import Key


class ExplanationError(Exception):
    """The document cannot be understood."""


def explained(text: str) -> set[Key]:
    """Return the mutants that the document explains. Raises ExplanationError."""
    keys: Counter[Key] = Counter()
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        prose, *blocks = re.split(r"^```diff\n(.*?)^```$", body, flags=re.MULTILINE | re.DOTALL)
        if not prose.strip() or not blocks:
            raise ExplanationError(f"the section {title!r} needs a reason and then a diff block")
        for block in blocks[::2]:
            keys.update(_block(title, block))
    if twice := [key for key, times in keys.items() if times > 1]:
        raise ExplanationError(f"explained twice: {show(twice[0])}")
    return set(keys)


def _block(title: str, block: str) -> list[Key]:
    lines = block.splitlines()
    keys = []
    for place, before, after in zip(lines[::3], lines[1::3], lines[2::3], strict=False):
        found = re.fullmatch(r"@@ (\S+)(?: (\d+))?", place)
        if not found or before[:2] not in ("-", "- ") or after[:2] not in ("+", "+ "):
            raise ExplanationError(f"the section {title!r} has {place!r} where a mutant should begin")
        keys.append(Key(found[1], before[2:], after[2:], int(found[2] or 1)))
    if len(lines) % 3:
        raise ExplanationError(f"the section {title!r} ends in the middle of a mutant")
    return keys


def show(key: Key) -> str:
    """Return a mutant as a diff block has it."""
    place = f"@@ {key.file}" + (f" {key.ordinal}" if key.ordinal > 1 else "")
    return "\n".join((place, f"- {key.before}".rstrip(), f"+ {key.after}".rstrip()))
