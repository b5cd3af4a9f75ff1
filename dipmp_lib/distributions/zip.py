"""Strict reader of zip archives: refuses every archive that two programs could read differently.

Local headers and their data, the central directory and the end records must fill the file without gap or overlap, and
agree with each other. Such an archive is the same to programs that read from the front and from the back.
"""

import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from . import zip_records as fields
from .findings import Findings, shown
from .unpacking import InflateBudget, inflate, slices
from .zip_records import END, END64, END64_SIGN, END_SIGN, LOCATOR, LOCATOR_SIGN, AmbiguityError, ZipHeader

_MAX_COMMENT = 0xFFFF
_NARROW, _WIDE = 0xFFFF, 0xFFFFFFFF
_END64_REST = END64.size - 12
"""The length that a zip64 end record states of itself, without extensions."""


@dataclass(frozen=True, slots=True)
class CentralDirectory:
    """The central directory: its number of entries, its length in bytes, and its offset."""

    entries: int
    length: int
    offset: int


def find_directory(stream: BinaryIO, size: int) -> CentralDirectory:
    """Find the directory, which has to end exactly where the end records begin. Raises ValueError."""
    start = max(0, size - END.size - _MAX_COMMENT)
    stream.seek(start)
    tail = stream.read(size - start)
    at = tail.rfind(END_SIGN)
    if at < 0 or len(tail) - at < END.size:
        raise ValueError("is not a complete zip archive (it has no end record)")
    _, disk, first, here, entries, length, offset, comment = END.unpack_from(tail, at)
    if at + END.size + comment != len(tail):
        raise AmbiguityError("bytes follow its end record, or its comment holds one")
    if disk or first or here != entries:
        raise AmbiguityError("it spans several disks")
    directory, ends = CentralDirectory(entries, length, offset), start + at
    stream.seek(max(0, ends - LOCATOR.size))
    locator = stream.read(min(ends, LOCATOR.size))
    if locator.startswith(LOCATOR_SIGN):
        directory, ends = _find_wide(stream, locator, ends - LOCATOR.size, directory)
    if directory.offset + directory.length != ends:
        raise ValueError("is not a complete zip archive (its directory does not lie where its end record says)")
    return directory


def _find_wide(
    stream: BinaryIO, locator: bytes, locator_at: int, narrow: CentralDirectory
) -> tuple[CentralDirectory, int]:
    _, disk, at, disks = LOCATOR.unpack(locator)
    if disk or disks != 1 or at + END64.size != locator_at:
        raise AmbiguityError("its zip64 end record does not lie where it should")
    stream.seek(at)
    sign, rest, _, _, here_disk, first, here, entries, length, offset = END64.unpack(stream.read(END64.size))
    if sign != END64_SIGN or rest != _END64_REST or here_disk or first or here != entries:
        raise AmbiguityError("its zip64 end record is not a plain one")
    pairs = ((narrow.entries, entries, _NARROW), (narrow.length, length, _WIDE), (narrow.offset, offset, _WIDE))
    if any(small not in (wide, limit) for small, wide, limit in pairs):
        raise AmbiguityError("its two end records disagree")
    return CentralDirectory(entries, length, offset), at


MAX_MEMBERS = 200_000
_MAX_DIRECTORY = 64 << 20
_COMPARED = fields.ENCRYPTED | fields.DESCRIPTOR | fields.PATCH | fields.STRONG | fields.UTF8 | fields.MASKED
_SECRET = fields.ENCRYPTED | fields.STRONG | fields.MASKED | fields.PATCH
_KINDS = (0, stat.S_IFREG, stat.S_IFDIR)


@dataclass(frozen=True, slots=True)
class ZipMember:
    """A member: its name, its central header, and the offset of its data."""

    name: str
    header: ZipHeader
    data_at: int

    @property
    def is_folder(self) -> bool:
        """True for a folder, whose name ends in "/"."""
        return self.name.endswith("/")


def read_members(stream: BinaryIO, size: int, findings: Findings) -> list[ZipMember]:
    """Return the members in the order of their offsets. Raises ValueError."""
    directory = find_directory(stream, size)
    if directory.entries > MAX_MEMBERS or directory.length > _MAX_DIRECTORY:
        raise ValueError(f"has more than {MAX_MEMBERS} members, or a directory of more than {_MAX_DIRECTORY} bytes")
    stream.seek(directory.offset)
    data = stream.read(directory.length)
    headers, at = [], 0
    while at < len(data):
        headers.append(fields.parse_central(data, at))
        at += headers[-1].length
    if len(headers) != directory.entries:
        raise AmbiguityError("its directory has not as many entries as its end record says")
    headers.sort(key=lambda header: header.offset)
    return list(_tile(stream, headers, directory.offset, findings))


def _tile(stream: BinaryIO, headers: Sequence[ZipHeader], end: int, findings: Findings) -> Iterator[ZipMember]:
    at = 0
    for header, following in zip(headers, [*(header.offset for header in headers), end][1:], strict=True):
        if header.offset != at:
            raise ValueError("is not a complete zip archive (its members do not lie where its directory says)")
        yield _member(stream, header, following, findings)
        at = following
    if at != end:
        raise ValueError("is not a complete zip archive (its members do not lie where its directory says)")


def _member(stream: BinaryIO, header: ZipHeader, following: int, findings: Findings) -> ZipMember:
    name = _name(header)
    stream.seek(header.offset)
    fixed = stream.read(fields.LOCAL.size)
    if len(fixed) < fields.LOCAL.size:
        raise ValueError("is not a complete zip archive (a member is cut off)")
    local = fields.parse_local(fixed + stream.read(fields.local_length(fixed) - len(fixed)))
    _compare(local, header)
    data_at = header.offset + local.length
    rest = following - data_at - header.packed
    if local.flags & fields.DESCRIPTOR:
        _check_descriptor(stream, header, following - rest, rest)
        findings.form("has members with data descriptors, which leave a member's size open until it was read")
    elif rest:
        raise ValueError("is not a complete zip archive (its members do not lie where its directory says)")
    return ZipMember(name, header, data_at)


def _name(header: ZipHeader) -> str:
    if header.flags & _SECRET or header.method not in (fields.STORED, fields.DEFLATED):
        name = header.raw_name.decode("utf-8", "replace")
        raise ValueError(f"stores {shown(name)} encrypted or with an unusual compression")
    try:
        name = header.raw_name.decode("utf-8" if header.flags & fields.UTF8 else "ascii")
    except UnicodeDecodeError:
        raise AmbiguityError("a member's name is not UTF-8, or not marked as such") from None
    if name.endswith("/") and header.size:
        raise AmbiguityError(f"the folder {shown(name)} has content")
    if stat.S_IFMT(header.mode) not in _KINDS:
        raise ValueError(f"has a member {shown(name)} that is a link or a device")
    return name


def _compare(local: ZipHeader, header: ZipHeader) -> None:
    """Check that the local header says what the central one says. Raises AmbiguityError."""
    if local.raw_name != header.raw_name:
        raise AmbiguityError("a member has two names")
    if local.method != header.method or (local.flags ^ header.flags) & _COMPARED:
        raise AmbiguityError("a member's two headers disagree")
    there, here = (local.crc, local.packed, local.size), (header.crc, header.packed, header.size)
    later = bool(local.flags & fields.DESCRIPTOR)
    if there != here and not (later and all(one in (0, other) for one, other in zip(there, here, strict=True))):
        raise AmbiguityError("a member has two sizes or checksums")


def _check_descriptor(stream: BinaryIO, header: ZipHeader, at: int, length: int) -> None:
    if header.method == fields.STORED:
        raise AmbiguityError("a stored member does not say how long it is")
    forms = {
        sign + struct.pack(form, header.crc, header.packed, header.size)
        for sign in (b"", fields.DESCRIPTOR_SIGN)
        for form in ("<L2Q", "<3L")
        if form == "<L2Q" or max(header.packed, header.size) < 1 << 32
    }
    stream.seek(at)
    if not 0 <= length <= max(map(len, forms)) or stream.read(length) not in forms:
        raise AmbiguityError("a data descriptor does not fit its member")


def check_declared(members: Sequence[ZipMember], size: int) -> None:
    """Refuse a bomb by the sizes in the directory, before anything is unpacked. Raises BombError."""
    InflateBudget(size).spend(sum(member.header.size for member in members))


def unpack(stream: BinaryIO, member: ZipMember) -> Iterator[bytes]:
    """Yield a member's content; size and checksum are compared at its end. Raises ValueError, zlib.error, EOFError."""
    header, crc, length = member.header, 0, 0
    packed = slices(stream, member.data_at, header.packed)
    for piece in packed if header.method == fields.STORED else inflate(packed):
        crc, length = zlib.crc32(piece, crc), length + len(piece)
        if length > header.size:
            break
        yield piece
    if (crc, length) != (header.crc, header.size):
        raise ValueError(f"is not a complete zip archive (the content of {shown(member.name)} is damaged)")
