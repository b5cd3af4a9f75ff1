"""Reader of gzipped tar archives, in one pass and without extracting. Source: POSIX.1-2001 (pax)."""

import gzip
import posixpath
import tarfile
from collections.abc import Iterator
from typing import Any, BinaryIO, Self, cast

from .findings import Findings, shown
from .unpacking import PIECE, InflateBudget
from .zip import MAX_MEMBERS

_BLOCK = tarfile.BLOCKSIZE
_MAX_DESCRIPTION = 1 << 20
_LEAST = 2_048
_DESCRIBING = (
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
)


class TarSource:
    """Iterates once over the names and contents of regular files; `names` has all members' names afterwards.

    A folder's name ends in "/". Raises ValueError, TarError, zlib.error, EOFError, OSError.
    """

    def __init__(self, stream: BinaryIO, size: int, findings: Findings) -> None:
        self.names: list[str] = []
        self._links: list[tuple[str, str]] = []
        self._stream, self._budget, self._findings = stream, InflateBudget(size), findings

    def __iter__(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        with gzip.GzipFile(fileobj=self._stream, mode="rb") as packed:
            bounded = _Bounded(packed, self._budget)
            # Read block by block, so that the bytes after the last member are left for _check_rest.
            with tarfile.open(fileobj=cast("BinaryIO", bounded), mode="r|", bufsize=_BLOCK, tarinfo=_Header) as archive:
                for member in archive:
                    cast("Any", archive).members.clear()  # or a million of them stay in memory
                    yield from self._member(archive, member)
            self._check_rest(bounded)

    def _member(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[tuple[str, Iterator[bytes]]]:
        if len(self.names) >= MAX_MEMBERS:
            raise ValueError(f"has more than {MAX_MEMBERS} members")
        # On a disk a file takes at least a few blocks: a million empty ones are a bomb, too.
        self._budget.spend(_LEAST)
        name = self._plain(member.name)
        if name in ("", "."):
            return
        self.names.append(f"{name}/" if member.isdir() else name)
        if member.issparse():
            self._findings.error(f"has a sparse member {shown(name)}, which build tools never make")
        elif member.isreg():
            yield name, _pieces(archive, member)
        elif member.issym():
            self._links.append((name, posixpath.join(posixpath.dirname(name), member.linkname)))
        elif member.islnk():
            self._links.append((name, self._plain(member.linkname)))
        elif not member.isdir():
            self._findings.error(f"has a member {shown(name)} that is no file, folder or link")

    def _plain(self, name: str) -> str:
        if name.startswith("./"):
            self._findings.form("has members whose paths begin with ./")
        return name.removeprefix("./")

    def _check_rest(self, bounded: "_Bounded") -> None:
        """Refuse data after the end mark, as some programs read on behind it."""
        while rest := bounded.read(PIECE):
            if rest.strip(b"\0"):
                raise ValueError("is a tar archive that two programs can read differently (data follows its end)")

    def check_links(self, top: str) -> None:
        """Refuse links that leave the top folder, and a metadata file that is one."""
        for name, target in self._links:
            if name == f"{top}/PKG-INFO":
                raise ValueError(f"has a {name} that is not a regular file")
            place = posixpath.normpath(target)
            if target.startswith("/") or "\\" in target or not (place == top or place.startswith(f"{top}/")):
                self._findings.error(f"has a link {shown(name)} to {shown(target)}, outside its top folder")


class _Header(tarfile.TarInfo):
    """A member's header. One that describes the next (pax, GNU long names) is read whole, so its size is bounded."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Parse a block. Raises ValueError."""
        header = super().frombuf(buf, encoding, errors)
        if header.type in _DESCRIBING and header.size > _MAX_DESCRIPTION:
            raise ValueError(f"has a tar header of {header.size} bytes")
        return header


def _pieces(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    stream = archive.extractfile(member)
    while stream is not None and (piece := stream.read(PIECE)):
        yield piece


class _Bounded:
    """A readable that gives no more bytes than a budget has, against decompression bombs."""

    def __init__(self, inner: gzip.GzipFile, budget: InflateBudget) -> None:
        self._inner, self._budget = inner, budget

    def read(self, size: int) -> bytes:
        data = self._inner.read(size)
        self._budget.spend(len(data))
        return data
