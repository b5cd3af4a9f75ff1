"""The IPFS vectors (tests/vectors/ipfs), and file contents as streams."""

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from Crypto.Cipher import ChaCha20

from dipmp_lib.ipfs import car, unixfs
from dipmp_lib.ipfs.cid import Cid
from dipmp_lib.ipfs.unixfs import FileDag, Profile
from tests.support import repository

if TYPE_CHECKING:
    from typing_extensions import Buffer  # collections.abc has it from Python 3.12

MIB = 1 << 20
VECTORS: dict[str, Any] = json.loads((repository.VECTORS / "ipfs" / "ipfs_cid.json").read_text())


def profile(name: str) -> Profile:
    """Return one of the vectors' profiles."""
    fields = VECTORS["profiles"][name]
    return Profile(fields["chunk"], fields["max_links"], fields["cid_version"], fields["leaves"].startswith("raw"))


def pattern(size: int) -> BinaryIO:
    """Return the vectors' own content: byte[i] = ((i mod 251) + 101*(i div 2^20)) mod 256."""
    return _stream(_pattern(size))


def keystream(seed: str, size: int) -> BinaryIO:
    """Return the content of Kubo's own vectors: ChaCha20 under sha256(seed), zero nonce."""
    cipher = ChaCha20.new(key=hashlib.sha256(seed.encode()).digest(), nonce=bytes(12))
    return _stream(cipher.encrypt(bytes(min(MIB, size - offset))) for offset in range(0, size, MIB))


def zeros(size: int) -> BinaryIO:
    """Return a stream of zero bytes, which takes no memory."""
    piece = bytes(MIB)
    return _stream(piece[: size - offset] for offset in range(0, size, MIB))


@dataclass(frozen=True, slots=True)
class Sample:
    """A file in memory with its DAG and its archive."""

    data: bytes
    dag: FileDag

    @property
    def root(self) -> Cid:
        return self.dag.root

    def car(self) -> Iterator[bytes]:
        """Return the archive's bytes from the start, as a pinner asks for it."""
        return car.of_file(self.dag, lambda: io.BytesIO(self.data))

    @property
    def car_size(self) -> int:
        return car.size(self.dag)


def sample(data: bytes, used: Profile = unixfs.UNIXFS_V1_2025) -> Sample:
    """Scan a file that is in memory."""
    return Sample(data, unixfs.scan(io.BytesIO(data), used))


def _pattern(size: int) -> Iterator[bytes]:
    base = bytes(range(251)) * (2 * MIB // 251 + 3)
    for index, offset in enumerate(range(0, size, MIB)):
        shift = 101 * index % 256
        start = offset % 251
        yield base[start : start + min(MIB, size - offset)].translate(bytes((x + shift) % 256 for x in range(256)))


def _stream(pieces: Iterator[bytes]) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(_Pieces(pieces), MIB))


class _Pieces(io.RawIOBase):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Buffer", /) -> int:
        view = memoryview(buffer)
        self._rest = self._rest or next(self._pieces, b"")
        count = min(len(view), len(self._rest))
        view[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
