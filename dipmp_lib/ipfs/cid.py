"""Content identifiers (CID) over sha2-256 of raw blocks and dag-pb nodes, the only kinds in files of dipmp.

Sources: multiformats/cid (CIDv1 = version, codec, multihash; CIDv0 = bare multihash of a dag-pb node), multiformats/
multibase (`b` = base32 lower case without padding, `z` = base58btc). A CIDv1 has 36 bytes here, a CIDv0 34.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from typing import Self

from ..errors import InvalidCid, MalformedCar
from . import base58

RAW = 0x55
DAG_PB = 0x70
RAW_FILE_MAX = 1_048_576
"""A file up to this many bytes is one raw block, so its sha256 is its CID's digest."""

V0_LENGTH, V1_LENGTH = 34, 36
_SHA2_256 = b"\x12\x20"
_MAX_TEXT = 64
_HINT = "a CID of a dipmp file begins with bafkrei or bafybei and has 59 characters"


@dataclass(frozen=True, slots=True)
class Cid:
    """Codec and sha2-256 digest of one block.

    Two CIDs are equal when codec and digest are; `version` (0 or 1) says only how this one is written. Raises
    InvalidCid when a field is out of range.
    """

    codec: int
    digest: bytes
    version: int = field(default=1, compare=False)

    def __post_init__(self) -> None:
        if self.codec not in (RAW, DAG_PB) or len(self.digest) != 32:
            raise InvalidCid(
                f"codec {self.codec:#x} with a {len(self.digest)}-byte digest is not used here", hint=_HINT
            )
        if self.version not in (0, 1) or (self.version == 0 and self.codec != DAG_PB):
            raise InvalidCid(f"there is no CID version {self.version} of codec {self.codec:#x}", hint=_HINT)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Parse exactly one binary CID. Raises InvalidCid."""
        if len(data) == V0_LENGTH and data[:2] == _SHA2_256:
            return cls(DAG_PB, data[2:], 0)
        if len(data) == V1_LENGTH and data[0] == 1 and data[2:4] == _SHA2_256:
            return cls(data[1], data[4:])
        raise InvalidCid(f"{data[:40].hex()} is not a binary CID over sha2-256", hint=_HINT)

    def __bytes__(self) -> bytes:
        prefix = bytes((1, self.codec)) if self.version else b""
        return prefix + _SHA2_256 + self.digest

    def __str__(self) -> str:
        """`b…` (base32) for version 1, `Qm…` (base58btc) for version 0."""
        if self.version == 0:
            return base58.encode(bytes(self))
        return "b" + base64.b32encode(bytes(self)).decode().lower().rstrip("=")


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes of a block and its CID."""

    cid: Cid
    data: bytes


def parse_cid(text: str) -> Cid:
    """Parse `b…`, `z…` or `Qm…` in its one canonical spelling. Raises InvalidCid."""
    try:
        cid = Cid.from_bytes(_multibase(text[: _MAX_TEXT + 1]))
    except (ValueError, InvalidCid) as error:
        raise _not_a_cid(text) from error
    if text != ("z" + base58.encode(bytes(cid)) if text[0] == "z" else str(cid)):
        raise _not_a_cid(text)
    return cid


def raw_cid(sha256: bytes) -> Cid:
    """Return the CID of the raw block whose 32-byte sha256 is given."""
    return Cid(RAW, sha256)


def file_cid(sha256: bytes, dag_root: bytes | None) -> Cid:
    """Return the CID of a file: its only block where `dag_root` is None, otherwise the dag-pb root with that digest."""
    return raw_cid(sha256) if dag_root is None else Cid(DAG_PB, dag_root)


def verify(cid: Cid, data: bytes) -> None:
    """Raise MalformedCar unless `data` is the block that `cid` names."""
    if hashlib.sha256(data).digest() != cid.digest:
        raise MalformedCar(f"{len(data)} bytes were given as block {cid}, but their sha256 is another")


def _not_a_cid(text: str) -> InvalidCid:
    return InvalidCid(f"{text[:_MAX_TEXT]!r} is not a CID that dipmp uses", hint=_HINT)


def _multibase(text: str) -> bytes:
    if text.startswith("b") and text.isascii() and text == text.lower():
        try:
            return base64.b32decode(text[1:].upper() + "=" * (-(len(text) - 1) % 8))
        except binascii.Error as error:
            raise ValueError("not base32") from error
    if text.startswith("z"):
        return base58.decode(text[1:])
    if text.startswith("Qm"):
        return base58.decode(text)
    raise ValueError("unknown multibase")
