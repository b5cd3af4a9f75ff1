"""Pages of entries as the contract returns them: (u32 length ‖ blob)*."""

from ..errors import MalformedLog
from ..log.blob import HEADER, MAX_PAYLOAD, Blob, parse_blob

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
