"""One Solidity file out of many: every source once, each after what it imports."""

import re
from pathlib import Path, PurePosixPath

_IMPORT = re.compile(r'^import \{[^}]*\} from "([^"]+)";\n', re.MULTILINE)
_PREAMBLE = re.compile(r"^(// SPDX-License-Identifier: .*|pragma solidity .*;)\n", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{3,}")


class FlattenError(Exception):
    """A source is missing, under another licence, or imports in a way that cannot be resolved here."""


def flatten(entry: str, roots: dict[str, Path], pragma: str, licence: str) -> str:
    """Return the text of one file that compiles like `entry` (for example `src/A.sol`) does with all that it imports.

    `roots` maps the first part of a source's name to the folder with that name's sources. Raises FlattenError.
    """
    parts: list[str] = []
    _collect(entry, roots, licence, parts, set())
    return "\n".join([f"// SPDX-License-Identifier: {licence}", f"pragma solidity {pragma};", "", *parts])


def _collect(name: str, roots: dict[str, Path], licence: str, parts: list[str], seen: set[str]) -> None:
    if name in seen:
        return
    seen.add(name)
    text = _read(name, roots)
    if f"// SPDX-License-Identifier: {licence}\n" not in text:
        raise FlattenError(f"{name} is not under the {licence} licence")
    for imported in _IMPORT.findall(text):
        _collect(_resolve(imported, name), roots, licence, parts, seen)
    body = _PREAMBLE.sub("", _IMPORT.sub("", text))
    if re.search(r"^\s*import\b", body, re.MULTILINE):
        raise FlattenError(f'{name} has an import that is not of the form: import {{A, B}} from "path";')
    parts.append(f"// ---- {name}\n\n" + _BLANK_LINES.sub("\n\n", body).strip() + "\n")


def _resolve(imported: str, importer: str) -> str:
    if not imported.startswith("."):
        return imported
    parts: list[str] = []
    for part in (PurePosixPath(importer).parent / imported).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def _read(name: str, roots: dict[str, Path]) -> str:
    first, _, rest = name.partition("/")
    try:
        return (roots[first] / rest).read_text("utf-8")
    except (KeyError, OSError) as error:
        raise FlattenError(f"{name} was not found") from error
