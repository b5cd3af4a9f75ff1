"""Multihashes in CIDs of any kind, and double hashes.

dipmp's own files have sha2-256 alone, but denylists name everything on IPFS. Sources: multiformats/cid,
multiformats/multihash, multiformats/multibase.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable

from ...errors import InvalidCid, MalformedCar
from ...ipfs import base58, varint

MAX_CID = 512
"""Characters; identity CIDs are the longest ones in use."""
SHA2_256 = 0x12
_USUAL = 36
"""Bytes of a CIDv1 with a short codec and sha2-256, of which a list has millions."""

HASHES: dict[int, Callable[[bytes], bytes]] = {
    SHA2_256: lambda data: hashlib.sha256(data).digest(),
    0x13: lambda data: hashlib.sha512(data).digest(),
    0x14: lambda data: hashlib.sha3_512(data).digest(),
    0x16: lambda data: hashlib.sha3_256(data).digest(),
    0xB220: lambda data: hashlib.blake2b(data, digest_size=32).digest(),
    0xB260: lambda data: hashlib.blake2s(data).digest(),
}
"""Hash functions of double hashes, by multicodec; BLAKE3 would need another dependency."""


def multihash(code: int, digest: bytes) -> bytes:
    """Return function code, length (below 128) and digest as one multihash."""
    return varint.encode(code) + bytes((len(digest),)) + digest


def split(data: bytes) -> tuple[int, bytes]:
    """Return the code and digest of exactly one multihash. Raises MalformedCar."""
    code, offset = varint.decode(data)
    length, offset = varint.decode(data, offset)
    if len(data) != offset + length:
        raise MalformedCar("a multihash does not have the length that it names")
    return code, data[offset:]


def of_cid(text: str) -> bytes:
    """Return the multihash in a CID of any version, codec and common multibase, or a bare one. Raises InvalidCid."""
    try:
        data = _bytes(text)
        if len(data) == _USUAL and data[0] == 1 and data[1] < 0x80 and data[2:4] == b"\x12\x20":
            return data[2:]
        start = 0 if text.startswith("Qm") else _after_codec(data)
        split(data[start:])
    except (ValueError, MalformedCar, IndexError) as error:
        raise InvalidCid(f"{text[:80]!r} is not a CID") from error
    return data[start:]


def of_double(text: str) -> bytes:
    """Return a double hash given as base58btc multihash. Raises InvalidCid, also for hash functions not in HASHES."""
    try:
        data = base58.decode(text[:MAX_CID])
        code, digest = split(data)
    except (ValueError, MalformedCar) as error:
        raise InvalidCid(f"{text[:80]!r} is not a multihash in base58btc") from error
    known = HASHES.get(code)
    if known is None or len(digest) != len(known(b"")):
        raise InvalidCid(f"{text[:80]!r} is a multihash of the function {code:#x}, which is not supported here")
    return data


def _after_codec(data: bytes) -> int:
    version, offset = varint.decode(data)
    if version != 1:
        raise ValueError("not a CID version that there is")
    return varint.decode(data, offset)[1]


def _bytes(text: str) -> bytes:
    if not text.isascii() or len(text) > MAX_CID:
        raise ValueError("not a multibase text")
    if text.startswith("Qm"):
        return base58.decode(text)
    decode = _BASES.get(text[:1])
    if decode is None:
        raise ValueError("unknown multibase")
    try:
        return decode(text[1:])
    except binascii.Error as error:
        raise ValueError("not in its base") from error


def _base32(text: str) -> bytes:
    return base64.b32decode(text.upper() + "=" * (-len(text) % 8))


def _base36(text: str) -> bytes:
    # int() takes signs, blanks and underscores, too.
    if not text.isalnum():
        raise ValueError("not base36")
    number = int(text, 36)
    return number.to_bytes((number.bit_length() + 7) // 8)


def _base64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def _base64url(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


_BASES: dict[str, Callable[[str], bytes]] = {
    "b": _base32,
    "B": _base32,
    "f": bytes.fromhex,
    "F": bytes.fromhex,
    "k": _base36,
    "K": _base36,
    "z": base58.decode,
    "m": _base64,
    "u": _base64url,
}
