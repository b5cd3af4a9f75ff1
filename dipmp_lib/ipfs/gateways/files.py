"""Reader of whole files from gateways: in order, and verified before a byte is passed on."""

import hashlib
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

from ...errors import GatewayError, MalformedCar
from ...model.pages import File
from ...telemetry import SILENCE, Event, Telemetry
from ..cid import DAG_PB, Cid, raw_cid
from ..unixfs import Leaf, leaves
from .pool import GatewayPool

AHEAD_BYTES = 3 * 1024 * 1024
"""Bytes of one file that are read ahead; for a moment, twice as many may be in flight."""
AHEAD_BLOCKS = 8
THREADS = 16
_HINT = "its publisher has to publish it again, under a new version"


class FileReader:
    """Reads listed files, in threads of its own, so that downloads take none from other requests."""

    def __init__(self, gateways: GatewayPool, *, threads: int = THREADS, telemetry: Telemetry = SILENCE) -> None:
        self._gateways = gateways
        self._telemetry = telemetry
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="download")

    def read(self, file: File, start: int, stop: int) -> Generator[bytes]:
        """Yield the file's bytes from `start` up to, excluding, `stop`, in pieces of at most 2 MiB.

        Every block is verified before it is yielded, and the sha256 of a whole file before its last piece is. Raises
        GatewayError where no gateway delivers a block, or where the blocks are not the listed file. Closing the
        generator drops what was read ahead.
        """
        try:
            yield from self._verified(file, start, stop)
        except MalformedCar as error:
            self._telemetry.tell(Event.DOWNLOAD_FAILED, file=file.filename)
            raise GatewayError(f"what is listed as {file.filename} is not a file: {error}", hint=_HINT) from None
        except GatewayError:
            self._telemetry.tell(Event.DOWNLOAD_FAILED, file=file.filename)
            raise

    def _verified(self, file: File, start: int, stop: int) -> Generator[bytes]:
        if file.dag_root is None:
            yield self._small(file)[start:stop]
        elif (start, stop) == (0, file.size):
            with closing(self._large(file, file.dag_root, start, stop)) as pieces:
                yield from _checked(pieces, file.sha256)
        else:
            yield from self._large(file, file.dag_root, start, stop)

    def _small(self, file: File) -> bytes:
        data = self._gateways.block(raw_cid(file.sha256), file.size)
        if len(data) != file.size:
            raise MalformedCar(f"it has {len(data)} bytes where {file.size} are listed")
        return data

    def _large(self, file: File, dag_root: bytes, start: int, stop: int) -> Generator[bytes]:
        root = Cid(DAG_PB, dag_root)
        window: deque[tuple[Leaf, Future[bytes]]] = deque()
        try:
            for leaf in leaves(root, self._gateways.block, start, stop, size=file.size):
                window.append((leaf, self._pool.submit(self._fetch, root, leaf)))
                while len(window) > AHEAD_BLOCKS or sum(ahead.size for ahead, _ in window) > AHEAD_BYTES:
                    yield _next(window, start, stop)
            while window:
                yield _next(window, start, stop)
        finally:
            for _, future in window:
                future.cancel()

    def _fetch(self, root: Cid, leaf: Leaf) -> bytes:
        return leaf.data if leaf.data is not None else self._gateways.part(root, leaf)


def _next(window: deque[tuple[Leaf, Future[bytes]]], start: int, stop: int) -> bytes:
    leaf, future = window.popleft()
    return leaf.cut(future.result(), start, stop)


def _checked(pieces: Iterator[bytes], sha256: bytes) -> Iterator[bytes]:
    """Yield the pieces, the last one only after the digest of all of them was checked."""
    digest, held = hashlib.sha256(), b""
    for piece in pieces:
        if held:
            yield held
        digest.update(piece)
        held = piece
    if digest.digest() != sha256:
        raise MalformedCar("its blocks are those of the listed root, but their sha256 is another")
    yield held
