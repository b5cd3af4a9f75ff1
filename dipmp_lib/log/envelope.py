"""The format byte of kinds below 0x80: 0 = plain CBOR, 1 = raw DEFLATE of it. Source: docs/log-format.md, "Formats"."""

import zlib

from ..errors import MalformedPayload
from .blob import MAX_PAYLOAD
from .limits import MAX_INFLATED

PLAIN = 0
DEFLATE = 1
_RAW = -zlib.MAX_WBITS


def unwrap(payload: bytes) -> bytes:
    """Return the CBOR of a payload, at most MAX_INFLATED bytes. Raises MalformedPayload (`unknown-format`)."""
    if not payload:
        raise MalformedPayload("the payload is empty")
    if payload[0] == PLAIN:
        return payload[1:]
    if payload[0] == DEFLATE:
        return _inflate(payload[1:])
    raise MalformedPayload(f"format {payload[0]} is not known to this reader", code="unknown-format")


def wrap(cbor: bytes) -> bytes:
    """Return the shorter of both formats. Raises MalformedPayload when even that is too long for one entry."""
    if len(cbor) > MAX_INFLATED:
        raise MalformedPayload(f"the entry has {len(cbor)} bytes, more than the {MAX_INFLATED} that a reader inflates")
    compressor = zlib.compressobj(9, zlib.DEFLATED, _RAW, 9)
    deflated = compressor.compress(cbor) + compressor.flush()
    payload = bytes((DEFLATE,)) + deflated if len(deflated) < len(cbor) else bytes((PLAIN,)) + cbor
    if len(payload) > MAX_PAYLOAD:
        raise MalformedPayload(
            f"the entry takes {len(payload)} bytes, more than the {MAX_PAYLOAD} of one blob",
            hint="split the release into several entries",
        )
    return payload


def _inflate(data: bytes) -> bytes:
    """Inflate one complete stream; never holds more than one byte beyond the limit."""
    inflater = zlib.decompressobj(_RAW)
    try:
        inflated = inflater.decompress(data, MAX_INFLATED + 1)
    except zlib.error as error:
        raise MalformedPayload("the DEFLATE stream is broken") from error
    if len(inflated) > MAX_INFLATED:
        raise MalformedPayload(f"the DEFLATE stream inflates to more than {MAX_INFLATED} bytes")
    if not inflater.eof:
        raise MalformedPayload("the DEFLATE stream ends early")
    if inflater.unused_data:
        raise MalformedPayload(f"{len(inflater.unused_data)} bytes follow the DEFLATE stream")
    return inflated
