"""A wheel's archive against its file name. Source: the binary distribution format specification (PEP 427)."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from ..filenames import Filename
from ..log.limits import MAX_METADATA
from ..names import normalize_name
from ..versions import parse_version
from .content import Contents, read_contents
from .entrypoints import check_entry_points
from .findings import Findings, shown
from .membernames import check_names
from .record import check_record
from .wheelfile import check_wheel_file
from .zipread import Member, check_declared, read_members, unpack

_MAX_TEXT = 1 << 20
_MAX_RECORD = 64 << 20
_SCHEMES = {"purelib", "platlib", "headers", "scripts", "data"}


def read_wheel(filename: Filename, stream: BinaryIO, size: int, findings: Findings) -> tuple[str, Contents]:
    """Check the archive and return its .dist-info folder's name, and what is inside. Raises ValueError."""
    members = read_members(stream, size, findings)
    check_declared(members, size)
    check_names((member.name for member in members), findings, twice=findings.error)
    info = _dist_info(filename, members, findings)
    _check_data(info.removesuffix(".dist-info"), members, findings)
    limits = {"METADATA": MAX_METADATA, "WHEEL": _MAX_TEXT, "entry_points.txt": _MAX_TEXT, "RECORD": _MAX_RECORD}
    wanted = {f"{info}/{name}": limit for name, limit in limits.items()}
    contents = read_contents(_files(stream, members), wanted.get, size, findings)
    check_wheel_file(filename, contents.texts[f"{info}/WHEEL"], findings)
    check_record(info, contents, findings)
    entry_points = contents.texts.get(f"{info}/entry_points.txt")
    if entry_points is not None:
        check_entry_points(entry_points, findings)
    return info, contents


def _files(stream: BinaryIO, members: Sequence[Member]) -> Iterator[tuple[str, Iterator[bytes]]]:
    return ((member.name, unpack(stream, member)) for member in members if not member.is_folder)


def _dist_info(filename: Filename, members: Sequence[Member], findings: Findings) -> str:
    """Return the one .dist-info folder's name; two would let two programs see two packages. Raises ValueError."""
    names = {member.name for member in members}
    found = sorted({name.partition("/")[0] for name in names if name.partition("/")[0].endswith(".dist-info")})
    if len(found) != 1:
        listed = ", ".join(map(shown, found[:3]))
        raise ValueError(f"has more than one .dist-info folder: {listed}" if found else "has no .dist-info folder")
    info = found[0]
    name, _, version = info.removesuffix(".dist-info").rpartition("-")
    parsed = parse_version(version)
    if parsed is None or (normalize_name(name), parsed.key) != (filename.project, filename.version_key):
        raise ValueError(f"has a folder {shown(info)} that belongs to another name or version")
    expected = "-".join(filename.text.split("-")[:2])
    if info != f"{expected}.dist-info":
        findings.form(f"has a folder {shown(info)}, where {expected}.dist-info belongs")
    missing = [needed for needed in ("METADATA", "WHEEL", "RECORD") if f"{info}/{needed}" not in names]
    if missing:
        raise ValueError("has no " + " and no ".join(f"{info}/{needed}" for needed in missing))
    return info


def _check_data(base: str, members: Sequence[Member], findings: Findings) -> None:
    """Installers move what is in the .data folder elsewhere, and do not agree about what else looks like one."""
    for member in members:
        top, _, rest = member.name.partition("/")
        if not top.endswith(".data") or not rest:
            continue
        scheme, _, inside = rest.partition("/")
        if top != f"{base}.data":
            findings.error(f"has a folder {shown(top)} that some installers take for {base}.data")
        elif scheme not in _SCHEMES or not (inside or member.is_folder):
            findings.error(f"has {shown(member.name)}, which belongs to no installation scheme")
