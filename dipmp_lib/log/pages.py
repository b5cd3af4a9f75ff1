"""Pages of entries as the contract returns them, and as archives keep them: (u32 length ‖ blob)*."""

from collections.abc import Iterable

from ..errors import MalformedLog
from .blob import HEADER, MAX_PAYLOAD, Blob, parse_blob

MAX_BLOB = HEADER + MAX_PAYLOAD


def parse_page(page: bytes) -> list[Blob]:
    """Split a page into its blobs, in the order of the page. Raises MalformedLog."""
    blobs = []
    at = 0
    while at < len(page):
        start = at + 4
        length = int.from_bytes(page[at:start], "big")
        at = start + length
        if length > MAX_BLOB or at > len(page):
            raise MalformedLog("a page of entries is cut off, or has a length that no entry has")
        blobs.append(parse_blob(page[start:at]))
    return blobs


def write_page(blobs: Iterable[Blob]) -> bytes:
    """Return the page that `parse_page` splits into these blobs."""
    raws = (blob.raw for blob in blobs)
    return b"".join(len(raw).to_bytes(4, "big") + raw for raw in raws)
