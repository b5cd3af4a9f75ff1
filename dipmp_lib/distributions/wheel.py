"""Archives of wheels: .dist-info, RECORD, WHEEL, entry points and .data, against the file's name.

Source: the binary distribution format specification (PEP 427) and the entry points specification.
"""

import base64
import configparser
import csv
import re
from collections.abc import Iterator, Sequence
from email import message_from_string
from email.message import Message
from itertools import product
from typing import BinaryIO

from ..log.limits import MAX_METADATA
from ..model.filenames import Filename
from ..model.names import normalize_name
from ..model.versions import parse_version
from .contents import ArchiveContents, read_contents
from .findings import Findings, shown
from .spelling import check_names
from .zip import ZipMember, check_declared, read_members, unpack

_NAME = re.compile(r"[\w.-]+")
_OBJECT = re.compile(r"\w+(\.\w+)*\s*:\s*\w+(\.\w+)*\s*(\[[^\]]*\])?")
_SCRIPTS = ("console_scripts", "gui_scripts")


class _Parser(configparser.ConfigParser):
    def optionxform(self, optionstr: str) -> str:
        """Keep letter case."""
        return optionstr


def check_entry_points(data: bytes, findings: Findings) -> None:
    """Check the form of entry_points.txt, and the names and targets of scripts, which installers write to disk."""
    parser = _Parser(delimiters=("=",), interpolation=None)
    try:
        parser.read_string(data.decode())
    except UnicodeDecodeError:
        findings.form("has an entry_points.txt that is not UTF-8")
        return
    except configparser.Error as error:
        findings.form(f"has an entry_points.txt that cannot be read ({type(error).__name__})")
        return
    for section in _SCRIPTS:
        for name, target in parser.items(section) if parser.has_section(section) else ():
            if _NAME.fullmatch(name) is None:
                findings.form(f"has a script of the name {shown(name)}: letters, digits, '.', '-' and '_' are allowed")
            if _OBJECT.fullmatch(target) is None:
                findings.form(f"has a script {shown(name)} for {shown(target)}, which is not module:function")


_SIGNATURES = ("RECORD.jws", "RECORD.p7s")
_ALGORITHM = "sha256"
_STRONGER = ("sha384", "sha512")


def check_record(info: str, contents: ArchiveContents, findings: Findings) -> None:
    """Check that RECORD lists every member once, with its sha256 and size, and nothing else."""
    record = f"{info}/RECORD"
    exempt = {record, *(f"{info}/{name}" for name in _SIGNATURES)}
    try:
        rows = list(_rows(contents.texts[record]))
    except (UnicodeDecodeError, csv.Error):
        findings.error("has a RECORD that is not UTF-8 text in CSV form")
        return
    listed: set[str] = set()
    for name, digest, size in rows:
        if name in listed:
            findings.form(f"has a RECORD that lists {shown(name)} twice")
        listed.add(name)
        if name not in contents.digests:
            findings.error(f"has a RECORD that lists {shown(name)}, which is not there")
        elif name not in exempt:
            _check_row(name, digest, size, contents, findings)
    for name in sorted(contents.digests.keys() - listed - exempt):
        findings.error(f"has a RECORD that does not list {shown(name)}")


def _rows(data: bytes) -> Iterator[tuple[str, str, str]]:
    for row in csv.reader(data.decode().splitlines(keepends=True), strict=True):
        if row:
            name, digest, size, *_ = *row, "", ""
            yield name.replace("\\", "/"), digest, size


def _check_row(name: str, digest: str, size: str, contents: ArchiveContents, findings: Findings) -> None:
    algorithm, _, value = digest.partition("=")
    if algorithm == _ALGORITHM:
        if value.rstrip("=") != _encoded(contents.digests[name]):
            findings.error(f"has a RECORD with another sha256 for {shown(name)}")
    elif algorithm in _STRONGER:
        findings.warn(f"has a RECORD with {algorithm} digests, which are not compared here")
    else:
        findings.error(f"has a RECORD without a sha256 for {shown(name)}")
    if size and size != str(contents.sizes[name]):
        findings.error(f"has a RECORD with another size for {shown(name)}")


def _encoded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


_VERSION = re.compile(r"1\.[0-9]{1,4}")
_MAX_TAGS = 4_096
_OWN_LINUX = re.compile(r"linux_(?!armv[67]l$)")


def check_wheel_file(filename: Filename, data: bytes, findings: Findings) -> None:
    """Check the WHEEL file: version, layout, build number and tags."""
    try:
        fields = message_from_string(data.decode())
    except UnicodeDecodeError:
        findings.error("has a WHEEL file that is not UTF-8")
        return
    version = (fields["Wheel-Version"] or "").strip()
    if _VERSION.fullmatch(version) is None:
        findings.error(f"has a WHEEL file of version {shown(version)}, and installers know 1.x alone")
    if (fields["Root-Is-Purelib"] or "").strip().lower() not in ("true", "false"):
        findings.error("has a WHEEL file without Root-Is-Purelib: true or false")
    build = (fields["Build"] or "").strip().lower()
    if build != filename.build:
        findings.warn(f"has the build number {shown(filename.build)} in its name, and {shown(build)} in its WHEEL file")
    _check_tags(filename, fields, findings)
    if any(_OWN_LINUX.match(platform) for platform in filename.tags[2].split(".")):
        findings.form("is built for one Linux system (linux_…): manylinux or musllinux wheels run on others, too")


def _check_tags(filename: Filename, fields: Message, findings: Findings) -> None:
    """Warn about tags that differ from the name's: installers go by the name, so only people are misled."""
    listed = {tag for text in fields.get_all("Tag", [])[:_MAX_TAGS] for tag in _expand(text.strip().lower())}
    named = set(_expand("-".join(filename.tags)))
    if listed != named:
        odd = sorted(listed ^ named)[0]
        where = "its WHEEL file" if odd in listed else "its name"
        findings.warn(f"has other tags in its name than in its WHEEL file: {shown(odd)} stands in {where} alone")


def _expand(text: str) -> list[str]:
    parts = [part.split(".") for part in text.split("-")]
    size = 1
    for part in parts:
        size *= len(part)
    return ["-".join(combination) for combination in product(*parts)] if size <= _MAX_TAGS else [text]


_MAX_TEXT = 1 << 20
_MAX_RECORD = 64 << 20
_SCHEMES = {"purelib", "platlib", "headers", "scripts", "data"}


def read_wheel(filename: Filename, stream: BinaryIO, size: int, findings: Findings) -> tuple[str, ArchiveContents]:
    """Check the archive; return its .dist-info folder's name and its contents. Raises ValueError, contents.BROKEN."""
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


def _files(stream: BinaryIO, members: Sequence[ZipMember]) -> Iterator[tuple[str, Iterator[bytes]]]:
    return ((member.name, unpack(stream, member)) for member in members if not member.is_folder)


def _dist_info(filename: Filename, members: Sequence[ZipMember], findings: Findings) -> str:
    """Return the name of the one .dist-info folder. Raises ValueError for none, several, or one of another release."""
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


def _check_data(base: str, members: Sequence[ZipMember], findings: Findings) -> None:
    """Check the .data folder, whose files installers move, and folders that only some installers take for it."""
    for member in members:
        top, _, rest = member.name.partition("/")
        if not top.endswith(".data") or not rest:
            continue
        scheme, _, inside = rest.partition("/")
        if top != f"{base}.data":
            findings.error(f"has a folder {shown(top)} that some installers take for {base}.data")
        elif scheme not in _SCHEMES or not (inside or member.is_folder):
            findings.error(f"has {shown(member.name)}, which belongs to no installation scheme")
