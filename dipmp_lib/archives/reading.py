"""Reading one metadata file out of a wheel or an sdist, without extracting anything.

Archives are hostile: members, sizes and the amount that is decompressed are bounded, and the metadata file must be
the only one of its name. Every fault is a ValueError whose text is a clause about the file ("is not …").
"""

import gzip
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, cast

from ..filenames import Filename
from ..log.limits import MAX_METADATA
from ..names import normalize_name
from ..versions import parse_version

"""Bytes of METADATA or PKG-INFO: it has to fit one IPFS block."""

MAX_MEMBERS = 200_000
_INFLATE_FLOOR = 64 << 20
_INFLATE_RATIO = 50
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_WHEEL_METADATA = re.compile(r"[^/]+\.dist-info/METADATA")
_SDIST_METADATA = re.compile(r"(?:\./)?[^/]+/PKG-INFO")
_FAULTS = (zipfile.BadZipFile, tarfile.TarError, zlib.error, gzip.BadGzipFile, EOFError, struct.error, OSError)


def read_metadata(filename: Filename, stream: BinaryIO, size: int) -> bytes:
    """Return the METADATA of a wheel, or the PKG-INFO of an sdist, of `size` bytes. Raises ValueError."""
    if filename.kind == "bdist_wheel":
        return _read_wheel(filename, stream, size)
    return _read_sdist_zip(stream, size) if filename.text.endswith(".zip") else _read_sdist_tar(stream, size)


def _read_wheel(filename: Filename, stream: BinaryIO, size: int) -> bytes:
    with _faults("zip archive"), zipfile.ZipFile(stream) as archive:
        names = [member.filename for member in _members(archive)]
        info = _only(names, _WHEEL_METADATA, ".dist-info/METADATA").removesuffix("/METADATA")
        name, _, version = info.removesuffix(".dist-info").rpartition("-")
        parsed = parse_version(version)
        if parsed is None or (normalize_name(name), parsed.key) != (filename.project, filename.version_key):
            raise ValueError(f"has a folder {info!a} that belongs to another name or version")
        for needed in ("WHEEL", "RECORD"):
            if f"{info}/{needed}" not in names:
                raise ValueError(f"has no {info}/{needed}")
        metadata = _read_member(archive, f"{info}/METADATA")
        _check_members(archive, size)
        return metadata


def _read_sdist_zip(stream: BinaryIO, size: int) -> bytes:
    with _faults("zip archive"), zipfile.ZipFile(stream) as archive:
        names = [member.filename for member in _members(archive)]
        _check_members(archive, size)
        return _read_member(archive, _only(names, _SDIST_METADATA, "PKG-INFO in its top folder"))


def _read_sdist_tar(stream: BinaryIO, size: int) -> bytes:
    found: dict[str, bytes] = {}
    names: list[str] = []
    with _faults("gzipped tar archive"), gzip.GzipFile(fileobj=stream, mode="rb") as packed:
        bounded = _Bounded(packed, max(_INFLATE_FLOOR, _INFLATE_RATIO * size))
        with tarfile.open(fileobj=cast("BinaryIO", bounded), mode="r|") as archive:
            for count, member in enumerate(archive):
                if count >= MAX_MEMBERS:
                    raise ValueError(f"has more than {MAX_MEMBERS} members")
                if _SDIST_METADATA.fullmatch(member.name):
                    names.append(member.name)
                    found[member.name] = _read_tar_member(archive, member)
        # What follows the last member is read too: the checksum that a cut file lacks stands there.
        while bounded.read(1 << 20):
            pass
    return found[_only(names, _SDIST_METADATA, "PKG-INFO in its top folder")]


@contextmanager
def _faults(what: str) -> Iterator[None]:
    """Turn what the archive modules raise on broken bytes into one clause."""
    try:
        yield
    except (*_FAULTS, RuntimeError, NotImplementedError, UnicodeError, IndexError, OverflowError) as error:
        raise ValueError(f"is not a complete {what} ({type(error).__name__}: {str(error)[:80]})") from error


def _members(archive: zipfile.ZipFile) -> Sequence[zipfile.ZipInfo]:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise ValueError(f"has more than {MAX_MEMBERS} members")
    # zipfile shifts the whole directory to make up for bytes that are missing or were put before the archive.
    ends = [member.header_offset + member.compress_size for member in members]
    if min((member.header_offset for member in members), default=0) != 0 or max(ends, default=0) > archive.start_dir:
        raise ValueError("is not a complete zip archive (its members do not lie where its directory says)")
    return members


def _check_members(archive: zipfile.ZipFile, size: int) -> None:
    """Read every member to its end, where its checksum is compared: a damaged file would hold its name for ever."""
    left = max(_INFLATE_FLOOR, _INFLATE_RATIO * size)
    for member in archive.infolist():
        if member.compress_type not in _METHODS or member.flag_bits & 0x1:
            raise ValueError(f"stores {member.filename[:80]!a} encrypted or with an unusual compression")
        with archive.open(member) as stream:
            while piece := stream.read(1 << 20):
                left -= len(piece)
                if left < 0:
                    raise ValueError("unpacks to far more than its size allows")


def _only(names: Sequence[str], pattern: re.Pattern[str], what: str) -> str:
    """Return the one name that matches: two METADATA files would let two readers see two packages."""
    matches = [name for name in names if pattern.fullmatch(name)]
    if len(matches) != 1:
        raise ValueError(f"has no {what}" if not matches else f"has more than one {what}")
    return matches[0]


def _read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    member = archive.getinfo(name)
    if member.compress_type not in _METHODS or member.flag_bits & 0x1:
        raise ValueError(f"stores {name} encrypted or with an unusual compression")
    with archive.open(member) as stream:
        data = stream.read(MAX_METADATA + 1)
    return _bounded_metadata(name, data)


def _read_tar_member(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = archive.extractfile(member) if member.isfile() else None
    if stream is None:
        raise ValueError(f"has a {member.name} that is not a regular file")
    return _bounded_metadata(member.name, stream.read(MAX_METADATA + 1))


def _bounded_metadata(name: str, data: bytes) -> bytes:
    if len(data) > MAX_METADATA:
        raise ValueError(f"has a {name} of more than {MAX_METADATA} bytes")
    return data


class _Bounded:
    """A readable that refuses to give more than `limit` bytes: what a decompression bomb runs into."""

    def __init__(self, inner: gzip.GzipFile, limit: int) -> None:
        self._inner, self._left = inner, limit

    def read(self, size: int) -> bytes:
        data = self._inner.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise ValueError("unpacks to far more than its size allows")
        return data
