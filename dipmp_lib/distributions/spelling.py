"""Spelling of file names and of members' names. Sources: PEP 427, PEP 503, PEP 625."""

import re
import unicodedata
from collections.abc import Callable, Iterable

from ..model.filenames import Filename
from ..model.versions import canonical_version
from .findings import Findings, shown


def check_name(filename: Filename, version: str, findings: Findings) -> None:
    """Check that the file has the one spelling of its name that indexes take. `version` is the metadata's."""
    name = filename.project.replace("-", "_")
    if filename.kind == "bdist_wheel":
        written = filename.text.split("-")[0]
        if written != name:
            findings.form(f"begins with {written}, where the normalised name {name} belongs")
        return
    normal = canonical_version(version.strip()) or filename.version
    expected = f"{name}-{normal}.tar.gz"
    if filename.text != expected:
        findings.form(f"is not named {expected}, as an sdist of this project and version is")


_DRIVE = re.compile(r"[A-Za-z]:")
_UNSHOWABLE = {"Cc", "Cs", "Zl", "Zp"}


def check_names(names: Iterable[str], findings: Findings, *, twice: Callable[[str], None]) -> None:
    """Check members' names, a folder's ending in "/". `twice` takes the clause about a name that occurs twice."""
    files: set[str] = set()
    folders: set[str] = set()
    for name in names:
        reason = _fault(name)
        if reason:
            findings.error(f"has a member {shown(name)} {reason}")
        elif name.endswith("/"):
            folders.add(name[:-1])
        elif name in files:
            twice(f"has more than one member {shown(name)}")
        else:
            files.add(name)
    _check_together(files, folders, findings)


def _check_together(files: set[str], folders: set[str], findings: Findings) -> None:
    parents = folders | {parent for name in (*files, *folders) for parent in _parents(name)}
    for name in sorted(files & parents):
        findings.error(f"has a member {shown(name)} that is a file and a folder")
    seen: dict[str, str] = {}
    for name in sorted((files | parents) - (files & parents)):
        other = seen.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        # Where folders differ in case, all below them does: only the last part is reported.
        if other != name and other.rpartition("/")[0] == name.rpartition("/")[0]:
            findings.form(f"has members {shown(other)} and {shown(name)}, which are one file on many systems")


def _parents(name: str) -> Iterable[str]:
    at = name.find("/")
    while at >= 0:
        yield name[:at]
        at = name.find("/", at + 1)


def _fault(name: str) -> str:
    """Return why a member of this name must not be extracted, as the end of a sentence, or ""."""
    if any(unicodedata.category(char) in _UNSHOWABLE for char in name):
        return "with a control character in its name"
    if "\\" in name:
        return "with a backslash in its name, which is a folder on some systems"
    if name.startswith("/") or _DRIVE.match(name):
        return "with an absolute path"
    parts = name.removesuffix("/").split("/")
    if ".." in parts:
        return "that leaves its folder"
    if "" in parts or "." in parts:
        return "whose path is not in plain form"
    return ""
