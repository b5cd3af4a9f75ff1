"""Where a zip archive's directory is, by its end records. Source: APPNOTE.TXT 6.3.10, sections 4.3.14 to 4.3.16."""

from dataclasses import dataclass
from typing import BinaryIO

from .zipfields import END, END64, END64_SIGN, END_SIGN, LOCATOR, LOCATOR_SIGN, AmbiguityError

_MAX_COMMENT = 0xFFFF
_NARROW, _WIDE = 0xFFFF, 0xFFFFFFFF
_END64_REST = END64.size - 12
"""What a zip64 end record says of its own length, where nothing was added to it."""


@dataclass(frozen=True, slots=True)
class Directory:
    """The central directory: how many entries, how many bytes, from which offset."""

    entries: int
    length: int
    offset: int


def find_directory(stream: BinaryIO, size: int) -> Directory:
    """Return where the directory is; it ends exactly where the end records begin. Raises ValueError."""
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
    directory, ends = Directory(entries, length, offset), start + at
    stream.seek(max(0, ends - LOCATOR.size))
    locator = stream.read(min(ends, LOCATOR.size))
    if locator.startswith(LOCATOR_SIGN):
        directory, ends = _find_wide(stream, locator, ends - LOCATOR.size, directory)
    if directory.offset + directory.length != ends:
        raise ValueError("is not a complete zip archive (its directory does not lie where its end record says)")
    return directory


def _find_wide(stream: BinaryIO, locator: bytes, locator_at: int, narrow: Directory) -> tuple[Directory, int]:
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
    return Directory(entries, length, offset), at
