"""Bounded decompression: the budget of bytes that an archive may unpack to, and raw DEFLATE."""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

PIECE = 1 << 20
"""Bytes held at once."""

FLOOR = 64 << 20
RATIO = 50
"""An archive may unpack to 64 MiB, or to 50 times its size where that is more; the rule of public indexes."""


class BombError(ValueError):
    """An archive unpacks to far more than its size allows (a decompression bomb)."""


class InflateBudget:
    """The bytes that one file of `size` bytes may unpack to in all."""

    def __init__(self, size: int) -> None:
        self._left = max(FLOOR, RATIO * size)

    def spend(self, count: int) -> None:
        """Take bytes off the budget. Raises BombError when it has too few."""
        self._left -= count
        if self._left < 0:
            raise BombError(f"unpacks to more than {RATIO} times its size and {FLOOR >> 20} MiB")


def slices(stream: BinaryIO, at: int, length: int) -> Iterator[bytes]:
    """Yield `length` bytes from offset `at`. Raises EOFError where they end early."""
    while length:
        stream.seek(at)
        piece = stream.read(min(length, PIECE))
        if not piece:
            raise EOFError("the file ends early")
        yield piece
        at += len(piece)
        length -= len(piece)


def inflate(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Decompress one raw DEFLATE stream. Raises zlib.error, also where the input does not end with the stream."""
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    for packed in pieces:
        if engine.eof:
            raise zlib.error("bytes follow the end of a compressed member")
        piece = engine.decompress(packed, PIECE)
        yield piece
        # A full piece may leave output behind even where no input is left.
        while engine.unconsumed_tail or len(piece) == PIECE:
            piece = engine.decompress(engine.unconsumed_tail, PIECE)
            yield piece
    if not engine.eof or engine.unused_data:
        raise zlib.error("a compressed member does not end where it should")
