"""One pass over all members: their digests, the few whose text is needed, and no more of anything else."""

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


class _Engine(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


_ENGINES: dict[bytes, Callable[[], _Engine]] = {
    b"\x1f\x8b\x08": lambda: zlib.decompressobj(31),
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ\x00": lambda: lzma.LZMADecompressor(memlimit=_MEMORY),
}


def look_inside(pieces: Iterator[bytes], budget: InflateBudget, level: int = 0) -> None:
    """Unpack a content that is an archive, and what is in it, at the expense of `budget`. Raises BombError.

    Reads no more of `pieces` than the look takes.
    """
    first = next(pieces, b"")
    engine = next((_ENGINES[magic] for magic in _ENGINES if first.startswith(magic)), None)
    if engine is None and not first.startswith(LOCAL_SIGN):
        return
    if level == MAX_LEVELS:
        raise BombError(f"holds archives within archives, more than {MAX_LEVELS} deep")
    whole = chain([first], pieces)
    try:
        for content in [_paid(_expand(engine, whole), budget)] if engine else _zip_members(whole, budget):
            look_inside(content, budget, level + 1)
            for _ in content:
                pass
    except _BROKEN:
        return


def _paid(pieces: Iterator[bytes], budget: InflateBudget) -> Iterator[bytes]:
    for piece in pieces:
        budget.spend(len(piece))
        yield piece


def _expand(start: Callable[[], _Engine], pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what one or several compressed streams in a row unpack to."""
    engine = start()
    for packed in pieces:
        data = packed
        while data or _pending(engine):
            if engine.eof:
                engine = start()
            yield engine.decompress(data, PIECE)
            data = engine.unused_data if engine.eof else getattr(engine, "unconsumed_tail", b"")


def _pending(engine: _Engine) -> bool:
    return not engine.eof and getattr(engine, "needs_input", True) is False


def _zip_members(pieces: Iterator[bytes], budget: InflateBudget) -> Iterator[Iterator[bytes]]:
    """Yield each member's content, by the local headers in a row; each has to be read before the next."""
    source = _Source(pieces)
    while True:
        fixed = source.take(LOCAL.size)
        if not fixed.startswith(LOCAL_SIGN):
            return
        _, _, flags, method, _, _, _, packed, _, names, extras = LOCAL.unpack(fixed)
        source.take(names + extras)
        if method == DEFLATED:
            yield _paid(source.inflated(), budget)
            if flags & DESCRIPTOR:
                source.skip_to(LOCAL_SIGN)
        elif method == STORED and not flags & DESCRIPTOR:
            yield _paid(source.stored(packed), budget)
        else:
            return


class _Source:
    """Pieces, taken by length or by what an engine eats."""

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
        """Drop what stands before `sign`: a data descriptor, of whichever form."""
        head = self.take(24 + len(sign))
        at = head.find(sign)
        self._held = head[max(at, 0) :] + self._held

    def _more(self) -> None:
        piece = next(self._pieces, None)
        if piece is None:
            raise EOFError
        self._held += piece


BROKEN = (zlib.error, tarfile.TarError, EOFError, OSError)
"""What reading a damaged member raises, besides ValueError."""


@dataclass(frozen=True, slots=True)
class ArchiveContents:
    """The size and sha256 of every member, and the bytes of those that were asked for."""

    sizes: dict[str, int]
    digests: dict[str, bytes]
    texts: dict[str, bytes]


def read_contents(
    members: Iterable[tuple[str, Iterator[bytes]]], limit: Callable[[str], int | None], size: int, findings: Findings
) -> ArchiveContents:
    """Read members to their ends; keep those for which `limit` gives a length, refusing longer ones.

    Raises ValueError, and what reading the members raises.
    """
    found, nested = ArchiveContents({}, {}, {}), InflateBudget(size)
    for name, pieces in members:
        reader = _Reader(name, pieces, limit(name))
        try:
            look_inside(iter(reader), nested)
        except BombError as error:
            findings.form(f"holds {name[:80]!a}, an archive that {error}")
        for _ in reader:
            pass
        if reader.failure is not None:
            raise reader.failure
        found.sizes[name], found.digests[name] = reader.size, reader.sha256.digest()
        if reader.kept is not None:
            found.texts[name] = bytes(reader.kept)
    return found


class _Reader:
    """A member's pieces, measured and hashed as they pass."""

    def __init__(self, name: str, pieces: Iterator[bytes], keep: int | None) -> None:
        self._name, self._pieces, self._keep = name, pieces, keep
        self.size, self.sha256 = 0, hashlib.sha256()
        self.failure: Exception | None = None
        self.kept = None if keep is None else bytearray()

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self._pieces:
                self._take(piece)
                yield piece
        except (ValueError, *BROKEN) as error:
            # Whoever looks inside takes it for a fault of what is inside.
            self.failure = error
            raise

    def _take(self, piece: bytes) -> None:
        self.size += len(piece)
        self.sha256.update(piece)
        if self.kept is not None and self._keep is not None:
            self.kept += piece
            if len(self.kept) > self._keep:
                raise ValueError(f"has a {self._name} of more than {self._keep} bytes")
