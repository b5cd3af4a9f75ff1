"""Contents of an archive, in one pass over its members: sizes, digests, the texts that are needed, nested archives.

Nothing else is held in memory, and archives within archives are unpacked only within a budget.
"""

import bz2
import hashlib
import lzma
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from .findings import Findings
from .unpacking import PIECE, BombError, InflateBudget
from .zip_records import DEFLATED, DESCRIPTOR, LOCAL, LOCAL_SIGN, STORED

MAX_LEVELS = 8
_MEMORY = 64 << 20
_BROKEN = (zlib.error, lzma.LZMAError, EOFError, OSError, struct.error)


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


_DECOMPRESSORS: dict[bytes, Callable[[], _Decompressor]] = {
    b"\x1f\x8b\x08": lambda: zlib.decompressobj(31),
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ\x00": lambda: lzma.LZMADecompressor(memlimit=_MEMORY),
}


def look_inside(pieces: Iterator[bytes], budget: InflateBudget, level: int = 0) -> None:
    """Unpack a member that is itself an archive, and archives in it, within `budget`. Raises BombError.

    Returns where the member is no archive or a damaged one, and may leave some of `pieces` unread.
    """
    first = next(pieces, b"")
    engine = next((_DECOMPRESSORS[magic] for magic in _DECOMPRESSORS if first.startswith(magic)), None)
    if engine is None and not first.startswith(LOCAL_SIGN):
        return
    if level == MAX_LEVELS:
        raise BombError(f"holds archives within archives, more than {MAX_LEVELS} deep")
    whole = chain([first], pieces)
    try:
        for content in [_counted(_expand(engine, whole), budget)] if engine else _zip_members(whole, budget):
            look_inside(content, budget, level + 1)
            for _ in content:
                pass
    except _BROKEN:
        return


def _counted(pieces: Iterator[bytes], budget: InflateBudget) -> Iterator[bytes]:
    for piece in pieces:
        budget.spend(len(piece))
        yield piece


def _expand(start: Callable[[], _Decompressor], pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Decompress one or several streams in a row."""
    engine = start()
    for packed in pieces:
        data = packed
        while data or _pending(engine):
            if engine.eof:
                engine = start()
            yield engine.decompress(data, PIECE)
            data = engine.unused_data if engine.eof else getattr(engine, "unconsumed_tail", b"")


def _pending(engine: _Decompressor) -> bool:
    return not engine.eof and getattr(engine, "needs_input", True) is False


def _zip_members(pieces: Iterator[bytes], budget: InflateBudget) -> Iterator[Iterator[bytes]]:
    """Yield each member's content, going by local headers; read each before the next."""
    source = _PieceReader(pieces)
    while True:
        fixed = source.take(LOCAL.size)
        if not fixed.startswith(LOCAL_SIGN):
            return
        _, _, flags, method, _, _, _, packed, _, names, extras = LOCAL.unpack(fixed)
        source.take(names + extras)
        if method == DEFLATED:
            yield _counted(source.inflated(), budget)
            if flags & DESCRIPTOR:
                source.skip_to(LOCAL_SIGN)
        elif method == STORED and not flags & DESCRIPTOR:
            yield _counted(source.stored(packed), budget)
        else:
            return


class _PieceReader:
    """Reads pieces by length, or to the end of a compressed stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._held = pieces, b""

    def take(self, length: int) -> bytes:
        """Return `length` bytes. Raises EOFError."""
        while len(self._held) < length:
            self._more()
        taken, self._held = self._held[:length], self._held[length:]
        return taken

    def stored(self, length: int) -> Iterator[bytes]:
        while length:
            if not self._held:
                self._more()
            piece, self._held = self._held[:length], self._held[length:]
            length -= len(piece)
            yield piece

    def inflated(self) -> Iterator[bytes]:
        engine = zlib.decompressobj(-zlib.MAX_WBITS)
        while not engine.eof:
            if not self._held:
                self._more()
            data, self._held = self._held, b""
            yield engine.decompress(data, PIECE)
            self._held = engine.unused_data or engine.unconsumed_tail

    def skip_to(self, sign: bytes) -> None:
        """Skip a data descriptor of any form, which ends where `sign` begins."""
        head = self.take(24 + len(sign))
        at = head.find(sign)
        self._held = head[max(at, 0) :] + self._held

    def _more(self) -> None:
        piece = next(self._pieces, None)
        if piece is None:
            raise EOFError
        self._held += piece


BROKEN = (zlib.error, tarfile.TarError, EOFError, OSError)
"""Errors besides ValueError that reading a damaged member raises."""


@dataclass(frozen=True, slots=True)
class ArchiveContents:
    """Size in bytes and sha256 of every member by name, and the bytes of those that were asked for."""

    sizes: dict[str, int]
    digests: dict[str, bytes]
    texts: dict[str, bytes]


def read_contents(
    members: Iterable[tuple[str, Iterator[bytes]]], limit: Callable[[str], int | None], size: int, findings: Findings
) -> ArchiveContents:
    """Read members to their ends. `limit` gives the greatest length in bytes of one whose text is needed, else None.

    `size` is that of the archive, for the budget of nested ones. Raises ValueError, also for a text beyond its limit,
    and BROKEN.
    """
    contents, budget = ArchiveContents({}, {}, {}), InflateBudget(size)
    for name, pieces in members:
        reader = _HashingReader(name, pieces, limit(name))
        try:
            look_inside(iter(reader), budget)
        except BombError as error:
            findings.form(f"holds {name[:80]!a}, an archive that {error}")
        for _ in reader:
            pass
        if reader.failure is not None:
            raise reader.failure
        contents.sizes[name], contents.digests[name] = reader.size, reader.sha256.digest()
        if reader.text is not None:
            contents.texts[name] = bytes(reader.text)
    return contents


class _HashingReader:
    """Iterates over a member's pieces, and measures and hashes them."""

    def __init__(self, name: str, pieces: Iterator[bytes], limit: int | None) -> None:
        self._name, self._pieces, self._limit = name, pieces, limit
        self.size, self.sha256 = 0, hashlib.sha256()
        self.failure: Exception | None = None
        self.text = None if limit is None else bytearray()

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self._pieces:
                self._take(piece)
                yield piece
        except (ValueError, *BROKEN) as error:
            # look_inside takes it for a fault of a nested archive.
            self.failure = error
            raise

    def _take(self, piece: bytes) -> None:
        self.size += len(piece)
        self.sha256.update(piece)
        if self.text is not None and self._limit is not None:
            self.text += piece
            if len(self.text) > self._limit:
                raise ValueError(f"has a {self._name} of more than {self._limit} bytes")
