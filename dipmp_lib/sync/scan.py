"""What is new in a registry as a whole, in one or a few calls."""

from ..chain.place import Place
from ..errors import MalformedLog, Reverted
from ..evm_abi import ScanAnswer, decode_scan, encode_scan
from ..keccak import keccak256
from ..log.blob import Blob
from ..log.pages import parse_page
from ..rpc import eth_call
from ..store import Checkpoint
from .plan import News

PAGE_BYTES = 512 * 1024
MAX_PAGES = 8
"""More new blobs than these hold are not looked at one by one: every log is read instead."""


def news_since(place: Place, before: Checkpoint | None) -> News:
    """Return what the chain has now, and what of it is new since a checkpoint.

    Raises Upstream, MalformedLog and MalformedAnswer. An address without a registry is MalformedLog: whoever asks
    here knows that there is one.
    """
    start = max(before.total, 1) if before else 1
    answer = _scan(place, start, PAGE_BYTES if before else 0)
    total, blobs, pages = answer.total, parse_page(answer.page), 1
    if total == 0:
        return News(0, bytes(32), () if before is None or before.total == 0 else None)
    while before is not None and answer.next and pages < MAX_PAGES:
        answer, pages = _scan(place, answer.next, PAGE_BYTES), pages + 1
        blobs += parse_page(answer.page)
    if before is None or not blobs or start + len(blobs) - 1 != total:
        return News(total, _tip(_last(place, total)), None)
    return News(total, _tip(blobs[-1]), _continuing(before, start, blobs))


def _continuing(before: Checkpoint, start: int, blobs: list[Blob]) -> list[tuple[int, Blob]] | None:
    """Return the blobs after the checkpoint's, with nonces; None where the first is not the one that was last then."""
    numbered = list(enumerate(blobs, start))
    if before.total == 0:
        return numbered
    return numbered[1:] if _tip(blobs[0]) == before.tip else None


def _last(place: Place, total: int) -> Blob:
    blobs = parse_page(_scan(place, total, PAGE_BYTES).page)
    if not blobs:
        raise MalformedLog(f"the registry counts {total} entries and does not show the last")
    return blobs[0]


def _scan(place: Place, start: int, max_bytes: int) -> ScanAnswer:
    call = encode_scan(start, max_bytes)
    try:
        returned = eth_call(place.chain.rpc, place.registry.address, call, block=place.block)
    except Reverted:
        raise MalformedLog("the registry refuses to be scanned") from None
    return decode_scan(returned)


def _tip(blob: Blob) -> bytes:
    return keccak256(blob.raw)
