"""One pass over all members: their digests, the few whose text is needed, and no more of anything else."""

import hashlib
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .findings import Findings
from .nested import look_inside
from .unpacking import BombError, Budget

BROKEN = (zlib.error, tarfile.TarError, EOFError, OSError)
"""What reading a damaged member raises, besides ValueError."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The size and sha256 of every member, and the bytes of those that were asked for."""

    sizes: dict[str, int]
    digests: dict[str, bytes]
    texts: dict[str, bytes]


def read_contents(
    members: Iterable[tuple[str, Iterator[bytes]]], limit: Callable[[str], int | None], size: int, findings: Findings
) -> Contents:
    """Read members to their ends; keep those for which `limit` gives a length, refusing longer ones.

    Raises ValueError, and what reading the members raises.
    """
    found, nested = Contents({}, {}, {}), Budget(size)
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
