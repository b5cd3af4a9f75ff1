"""Decompressing with a bound: what a hostile archive may make a reader spend."""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

PIECE = 1 << 20
"""Bytes that are held at once."""

FLOOR = 64 << 20
RATIO = 50
"""An archive may unpack to 64 MiB, or to 50 times its size where that is more; the rule of public indexes."""


class BombError(ValueError):
    """Unpacks to far more than its size allows."""


class InflateBudget:
    """Bytes that the whole of one file may unpack to."""

    def __init__(self, size: int) -> None:
        self._left = max(FLOOR, RATIO * size)

    def spend(self, count: int) -> None:
        """Count bytes. Raises BombError when they are more than the budget has."""
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
    """Yield what one raw DEFLATE stream unpacks to. Raises zlib.error, also where the stream does not end exactly."""
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
