"""Zip archives written field by field, any of which can be wrong. Layout: APPNOTE.TXT 6.3.10."""

import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_FIELDS = ("flags", "method", "crc", "packed", "size")


@dataclass
class Entry:
    """One member. `local` and `central` replace what that header says: flags, method, crc, packed, size, name,
    extra; in the directory also offset, comment, disk, made and attributes."""

    name: bytes
    data: bytes = b""
    method: int = 8
    flags: int = 0
    local: dict[str, int | bytes] = field(default_factory=dict)
    central: dict[str, int | bytes] = field(default_factory=dict)
    stored: bytes | None = None
    """The compressed content of the file, if not that of `data`."""
    before: bytes = b""
    after: bytes = b""
    """Bytes before the local header and behind the content."""
    listed: bool = True
    """Whether it is in the central directory."""

    @property
    def content(self) -> bytes:
        """The compressed content."""
        if self.stored is not None:
            return self.stored
        return deflate(self.data) if self.method == 8 else self.data

    def _values(self, changes: dict[str, int | bytes]) -> dict[str, int | bytes]:
        sizes = {"crc": zlib.crc32(self.data), "packed": len(self.content), "size": len(self.data)}
        plain: dict[str, int | bytes] = {
            "name": self.name,
            "extra": b"",
            "comment": b"",
            "disk": 0,
            "made": 20,
            "attributes": 0,
        }
        return {"flags": self.flags, "method": self.method, **sizes, **plain, **changes}

    def local_header(self) -> bytes:
        """Return the local file header."""
        values = self._values(self.local)
        name, extra = _bytes(values["name"]), _bytes(values["extra"])
        numbers = [values[key] for key in _FIELDS]
        head = struct.pack("<4s3H4x3L2H", b"PK\3\4", 20, *numbers, len(name), len(extra))
        return head + name + extra

    def central_header(self, at: int) -> bytes:
        """Return the central directory header of the member at offset `at`."""
        values = {"offset": at, **self._values(self.central)}
        name, extra, comment = (_bytes(values[key]) for key in ("name", "extra", "comment"))
        numbers = [values[key] for key in _FIELDS]
        lengths = (len(name), len(extra), len(comment))
        tail = (values["disk"], 0, values["attributes"], values["offset"])
        return struct.pack("<4s4H4x3L5H2L", b"PK\1\2", values["made"], 20, *numbers, *lengths, *tail) + (
            name + extra + comment
        )


@dataclass
class HandZip:
    """An archive of entries. `end` replaces fields of the end record: disk, first, here, entries, length, offset."""

    entries: list[Entry]
    prefix: bytes = b""
    gap: bytes = b""
    comment: bytes = b""
    suffix: bytes = b""
    shift: int = 0
    """A number added to all offsets."""
    end: dict[str, int] = field(default_factory=dict)
    wide: dict[str, int] | None = None
    """If not None, there are zip64 end records, with these fields replaced: rest, disks, at, entries, …"""
    directory_order: Sequence[int] | None = None

    def build(self) -> bytes:
        """Return the file."""
        out, places = bytearray(self.prefix), []
        for entry in self.entries:
            out += entry.before
            places.append(len(out) + self.shift)
            out += entry.local_header() + entry.content + entry.after
        out += self.gap
        start = len(out) + self.shift
        order = self.directory_order or range(len(self.entries))
        listed = [number for number in order if self.entries[number].listed]
        for number in listed:
            out += self.entries[number].central_header(places[number])
        length = len(out) + self.shift - start
        facts = {"disk": 0, "first": 0, "here": len(listed), "entries": len(listed), "length": length, "offset": start}
        if self.wide is not None:
            out += _wide_end(len(out) + self.shift, facts | self.wide)
        facts |= self.end
        out += struct.pack("<4s4H2LH", b"PK\5\6", *facts.values(), len(self.comment)) + self.comment
        return bytes(out + self.suffix)

    def entry(self, ending: str) -> Entry:
        """Return the only entry whose name ends so."""
        [found] = [entry for entry in self.entries if entry.name.endswith(ending.encode())]
        return found


def _wide_end(at: int, facts: dict[str, int]) -> bytes:
    facts = {"rest": 44, "disks": 1, "at": at, "sign": 0x06064B50} | facts
    end = struct.pack(
        "<LQ2H2L4Q",
        *(facts["sign"], facts["rest"], 45, 45, facts["disk"], facts["first"]),
        *(facts["here"], facts["entries"], facts["length"], facts["offset"]),
    )
    return end + struct.pack("<4sLQL", b"PK\6\7", 0, facts["at"], facts["disks"])


def _bytes(value: int | bytes) -> bytes:
    assert isinstance(value, bytes)
    return value


def deflate(data: bytes) -> bytes:
    """Return one raw DEFLATE stream."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return engine.compress(data) + engine.flush()


def extra(kind: int, content: bytes) -> bytes:
    """Return one extra field."""
    return struct.pack("<2H", kind, len(content)) + content


def taken_apart(path: Path) -> HandZip:
    """Return the members of a well-formed archive, to be built again."""
    with zipfile.ZipFile(path) as archive:
        return HandZip([Entry(name.encode(), archive.read(name)) for name in archive.namelist()])
