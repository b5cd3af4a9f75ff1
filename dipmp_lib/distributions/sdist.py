"""Archives of sdists: one top folder of the right name, with PKG-INFO in it. Source: PEP 625, PEP 643."""

from collections.abc import Iterable
from typing import BinaryIO

from ..log.limits import MAX_METADATA
from ..model.filenames import Filename
from ..model.names import normalize_name
from ..model.versions import parse_version
from .contents import ArchiveContents, read_contents
from .findings import Findings, shown
from .spelling import check_names
from .tar import TarSource
from .zip import check_declared, read_members, unpack


def read_sdist_zip(filename: Filename, stream: BinaryIO, size: int, findings: Findings) -> tuple[str, ArchiveContents]:
    """Check the archive; return its top folder's name and its contents. Raises ValueError, contents.BROKEN."""
    members = read_members(stream, size, findings)
    check_declared(members, size)
    names = [member.name for member in members]
    check_names(names, findings, twice=findings.error)
    top = _top(filename, names, findings)
    files = ((member.name, unpack(stream, member)) for member in members if not member.is_folder)
    contents = read_contents(files, _limit, size, findings)
    _need_pkg_info(top, contents)
    return top, contents


def read_sdist_tar(filename: Filename, stream: BinaryIO, size: int, findings: Findings) -> tuple[str, ArchiveContents]:
    """Check the archive; return its top folder's name and its contents. Raises ValueError, contents.BROKEN."""
    source = TarSource(stream, size, findings)
    contents = read_contents(source, _limit, size, findings)
    check_names(source.names, findings, twice=findings.form)
    top = _top(filename, source.names, findings)
    if source.names.count(f"{top}/PKG-INFO") > 1:
        raise ValueError("has more than one PKG-INFO in its top folder")
    source.check_links(top)
    _need_pkg_info(top, contents)
    return top, contents


def _need_pkg_info(top: str, contents: ArchiveContents) -> None:
    if f"{top}/PKG-INFO" not in contents.texts:
        raise ValueError("has no PKG-INFO in its top folder")


def _limit(name: str) -> int | None:
    """Return the limit of any PKG-INFO in a folder: a stream does not tell its top folder in advance."""
    return MAX_METADATA if name.count("/") == 1 and name.endswith("/PKG-INFO") else None


def _top(filename: Filename, names: Iterable[str], findings: Findings) -> str:
    """Return the top folder's name. Raises ValueError unless there is one."""
    names = list(names)
    tops = sorted({name.partition("/")[0] for name in names})
    if len(tops) != 1 or tops[0] in names:
        raise ValueError(f"has not one top folder, but {', '.join(map(shown, tops[:3])) or 'nothing'}")
    name, _, version = tops[0].rpartition("-")
    parsed = parse_version(version)
    if parsed is None or (normalize_name(name), parsed.key) != (filename.project, filename.version_key):
        findings.form(f"has the top folder {shown(tops[0])}, which belongs to another name or version")
    elif tops[0] != filename.text.removesuffix(".zip").removesuffix(".tar.gz"):
        findings.warn(f"has the top folder {shown(tops[0])}, which is not the file's name without its suffix")
    return tops[0]
