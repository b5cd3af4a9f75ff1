"""Archive records of logs: written as pages, restored with the checks that a chain reader makes. Pure.

A record is the storage word of slot A, the head, and pages of entries, oldest first, each deflated. A page is filled
up before the next begins, so that appending to a log changes only its last page.
"""

import zlib
from collections.abc import Iterable, Sequence
from itertools import pairwise

from ..errors import MalformedLog
from ..model.names import ProjectName
from .blob import Blob, next_nonce, parse_page, write_page
from .log import Log, Slot
from .verify import check_owner, recompute_head

PAGE_BYTES = 350_000
"""Bytes of a page before deflating, which adds 0.1 % at most; an item of DynamoDB holds 409,600 bytes."""


def paginate(blobs: Iterable[Blob]) -> list[bytes]:
    """Return the pages, not yet deflated, each at most PAGE_BYTES long."""
    pages: list[bytearray] = []
    for blob in blobs:
        entry = write_page([blob])
        if pages and len(pages[-1]) + len(entry) <= PAGE_BYTES:
            pages[-1] += entry
        else:
            pages.append(bytearray(entry))
    return [bytes(page) for page in pages]


def deflate(page: bytes) -> bytes:
    """Return the page deflated (RFC 1950), as archives store it."""
    return zlib.compress(page)


def inflate(data: bytes) -> bytes:
    """Return the page that `deflate` was given; never more than PAGE_BYTES. Raises MalformedLog."""
    inflater = zlib.decompressobj()
    try:
        page = inflater.decompress(data, PAGE_BYTES + 1)
    except zlib.error as error:
        raise MalformedLog(f"a page of a record cannot be inflated: {error}") from None
    if len(page) > PAGE_BYTES or not inflater.eof or inflater.unused_data:
        raise MalformedLog("a page of a record is cut off, or longer than it may be")
    return page


def restore(
    name: ProjectName | str, slot: Slot, head: bytes, pages: Sequence[bytes], *, chain_id: int, registry: bytes
) -> Log:
    """Return the log of a record whose pages were inflated.

    Everything that a chain reader checks is checked again: the record is whole, and of this registry and project. Only
    that the chain once had this log rests on the archive's writers. Raises MalformedLog.
    """
    log = Log(name, slot, head, tuple(blob for page in pages for blob in parse_page(page)))
    if not log.blobs or len(log.blobs) != slot.count:
        raise MalformedLog(f"a record has {len(log.blobs)} entries, and its slot counts {slot.count}")
    _check_nonces(log)
    if recompute_head(log, chain_id, registry) != head:
        raise MalformedLog("the head of a record does not recompute from its entries")
    return check_owner(log, log.blobs)


def _check_nonces(log: Log) -> None:
    links = [next_nonce(blob, registry_log=not log.name) for blob in log.blobs]
    nonces = [*links, log.slot.last]  # from 0, before the first entry, to the newest entry's
    if nonces[0] != 0 or any(older >= newer for older, newer in pairwise(nonces)):
        raise MalformedLog("the entries of a record do not follow each other")
