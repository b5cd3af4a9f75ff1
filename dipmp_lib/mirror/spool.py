"""One item's archive, from gateways onto the disk: each block verified as it comes, the whole file at the end.

What a pinner gets is complete by then, its length is known, and it takes no more memory than a few blocks.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import closing
from typing import BinaryIO

from .. import car, unixfs
from ..cid import DAG_PB, RAW, Block, Cid
from ..errors import GatewayError, StoreError
from .contents import Item

AHEAD = 4
_SLACK = 4 << 20
_HINT = "its publisher has to publish it again, under a new version"


def spool(item: Item, fetch: Callable[[Cid], bytes], pool: Executor, stream: BinaryIO) -> int:
    """Write the archive of `item` and return its length. `fetch` gives verified blocks.

    Raises GatewayError where a block cannot be had or the blocks are not the listed file, MalformedCar where they are
    no file at all, StoreError where the disk does not take them.
    """
    # Small blocks and links make an archive longer than its file, but never by much in any usual profile.
    size = item.size or 0
    limit = size + size // 8 + _SLACK
    length = 0
    with closing(ReadAhead(fetch, pool)) as ahead:
        for piece in car.write(item.root, _whole(item, ahead.get)):
            length += len(piece)
            if length > limit:
                raise GatewayError(f"the blocks of {item.label} are far more than its {size} bytes", hint=_HINT)
            try:
                stream.write(piece)
            except OSError as error:
                raise StoreError(
                    f"the archive of {item.label} cannot be written: {error.strerror}",
                    hint="make room in the folder for temporary files (TMPDIR)",
                ) from error
    return length


def _whole(item: Item, get: Callable[[Cid], bytes]) -> Iterator[Block]:
    digest, size = hashlib.sha256(), 0
    for block in unixfs.walk(item.root, get):
        data = block.data if block.cid.codec == RAW else unixfs.decode_node(block.data).data
        digest.update(data)
        size += len(data)
        yield block
    if digest.digest() != item.sha256 or item.size not in (None, size):
        raise GatewayError(f"the blocks of {item.label} are there, but they are not the listed file", hint=_HINT)


class ReadAhead:
    """Gets blocks, and the next few leaves of a node meanwhile."""

    def __init__(self, fetch: Callable[[Cid], bytes], pool: Executor) -> None:
        self._fetch, self._pool = fetch, pool
        self._coming: deque[Cid] = deque()
        self._running: dict[Cid, Future[bytes]] = {}

    def get(self, cid: Cid) -> bytes:
        """Return a block. Raises what the fetching raises, and MalformedCar for a node that is none."""
        future = self._running.pop(cid, None)
        data = self._fetch(cid) if future is None else future.result()
        if cid.codec == DAG_PB:
            self._coming.extendleft(link.cid for link in reversed(unixfs.decode_node(data).links))
        while self._coming and len(self._running) < AHEAD:
            following = self._coming.popleft()
            if following not in self._running:
                self._running[following] = self._pool.submit(self._fetch, following)
        return data

    def close(self) -> None:
        """Drop what was fetched ahead."""
        self._coming.clear()
        for future in self._running.values():
            future.cancel()
