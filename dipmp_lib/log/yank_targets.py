"""Targets of a yank: people name files or versions, the log names files or entries. Pure (PEP 592)."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import FileNotListed, InvalidFilename, InvalidInput
from ..model.filenames import parse_filename
from ..model.pages import File, Project
from ..model.versions import parse_version
from .entries import Yank
from .payload import encode_yank
from .rules import valid_reason


@dataclass(frozen=True, slots=True)
class YankSelection:
    """Targets of a YANK, as file names or entry numbers, and the listed files that they stand for."""

    targets: tuple[str | int, ...]
    files: tuple[File, ...]


def select(project: Project, wanted: Sequence[str]) -> YankSelection:
    """Return the listed files that are named, by file name or by version; a version stands for all its release entries.

    A version's targets are entry numbers, which take less room than file names. Raises InvalidInput for text that is
    neither a file name nor a version, FileNotListed for files that the project does not list.
    """
    targets: dict[str | int, None] = {}
    files: dict[str, File] = {}
    for text in wanted:
        found = _by_version(project, text) or _by_name(project, text)
        version = parse_version(text)
        targets.update(dict.fromkeys(file.entry if version else file.filename for file in found))
        files.update({file.filename: file for file in found})
    return YankSelection(tuple(targets), tuple(files.values()))


def yank_payload(selection: YankSelection, *, yanked: bool, reason: str) -> bytes:
    """Return the payload of the YANK entry. Raises InvalidInput for a reason that readers would ignore."""
    if not valid_reason(reason):
        raise InvalidInput("the reason is longer than 512 characters, or holds controls", hint="use one plain line")
    return encode_yank(Yank(selection.targets, yanked, reason))


def is_changed(selection: YankSelection, *, yanked: bool, reason: str) -> bool:
    """Tell whether the yank would change any file's page."""
    wanted = reason if yanked else None
    return any(file.yanked != wanted for file in selection.files)


def _by_version(project: Project, text: str) -> list[File]:
    version = parse_version(text)
    if version is None:
        return []
    found = [file for file in project.files if parse_filename(file.filename).version_key == version.key]
    if not found:
        raise FileNotListed(f"{project.name} lists no file of version {text}", hint=_listed(project))
    return found


def _by_name(project: Project, text: str) -> list[File]:
    try:
        key = parse_filename(text).key
    except InvalidFilename as error:
        raise InvalidInput(f"{text[:160]!a} is neither a file name nor a version", hint=_listed(project)) from error
    found = [file for file in project.files if parse_filename(file.filename).key == key]
    if not found:
        raise FileNotListed(f"{project.name} does not list {text}", hint=_listed(project))
    return found


def _listed(project: Project) -> str:
    versions = list(dict.fromkeys(file.version for file in project.files))
    return f"it lists the versions {', '.join(versions[-8:])}" if versions else "it lists no files"
