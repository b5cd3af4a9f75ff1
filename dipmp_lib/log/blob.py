"""Blobs, pages of blobs, and heads. A blob is one log entry as the contract stores it:

    00 | kind u8 | prev u48 | actor 20 bytes | time u40 | payload

Big-endian; the leading zero byte is part of the blob and of its hash. On a page, each blob follows its length u32; a
head commits to all blobs of a log. Source: docs/log-format.md, "Blobs".
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import MalformedLog
from ..keccak import keccak256

HEADER = 33
"""Bytes before the payload."""

MAX_PAYLOAD = 24_543
"""Longest payload in bytes, whatever code size a chain allows."""

MAX_BLOB = HEADER + MAX_PAYLOAD

_OBJECT_BYTES = 300
"""Bytes of memory that a Blob takes without its payload, approximately."""


@dataclass(frozen=True, slots=True)
class Blob:
    """One entry, its payload not yet interpreted.

    `prev` is the CREATE nonce of the log's previous blob (0 = none), `actor` the 20-byte address that appended it,
    `time` the unix second of its block.
    """

    kind: int
    prev: int
    actor: bytes
    time: int
    payload: bytes

    @property
    def raw(self) -> bytes:
        """The whole blob, leading zero byte included, as the head commits to it."""
        return b"".join(
            (
                bytes((0, self.kind)),
                self.prev.to_bytes(6, "big"),
                self.actor,
                self.time.to_bytes(5, "big"),
                self.payload,
            )
        )

    @property
    def weight(self) -> int:
        """Bytes of memory that the blob takes, approximately: its payload, and 300 for the objects around it."""
        return len(self.payload) + _OBJECT_BYTES

    @property
    def rprev(self) -> int:
        """The nonce of the registry log's previous blob: the first 6 payload bytes of a registry-log entry.

        Raises MalformedLog when the payload is shorter than that.
        """
        if len(self.payload) < 6:
            raise MalformedLog(f"a registry-log entry has a payload of {len(self.payload)} bytes, too short for rprev")
        return int.from_bytes(self.payload[:6], "big")


def parse_blob(raw: bytes) -> Blob:
    """Split a blob into its fields. Raises MalformedLog."""
    if not HEADER <= len(raw) <= MAX_BLOB:
        raise MalformedLog(f"a blob has {len(raw)} bytes, not {HEADER} to {MAX_BLOB}")
    if raw[0] != 0:
        raise MalformedLog(f"a blob begins with 0x{raw[0]:02x}, not 0x00")
    return Blob(
        kind=raw[1],
        prev=int.from_bytes(raw[2:8], "big"),
        actor=bytes(raw[8:28]),
        time=int.from_bytes(raw[28:33], "big"),
        payload=bytes(raw[33:]),
    )


def next_nonce(blob: Blob, *, registry_log: bool) -> int:
    """Return the nonce of the next older blob of the log, 0 = none.

    A CLAIM lies in two logs, so the caller says which one it walks. Raises MalformedLog (see `Blob.rprev`).
    """
    return blob.rprev if registry_log else blob.prev


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


REGISTRY_LOG = bytes(32)
"""The id of the registry's own log."""


def project_id(name: str) -> bytes:
    """Return the 32-byte log id of a project; the empty name is the registry log."""
    return keccak256(name.encode()) if name else REGISTRY_LOG


def head0(chain_id: int, registry: bytes, id: bytes) -> bytes:  # noqa: A002 - the specification's word
    """Return the head of an empty log: keccak256(abi.encode(uint256 chain_id, address registry, bytes32 id))."""
    return keccak256(chain_id.to_bytes(32, "big") + registry.rjust(32, b"\0") + id)


def fold_head(head: bytes, raw_blob: bytes) -> bytes:
    """Return the head after one more blob: keccak256(head ‖ keccak256(blob))."""
    return keccak256(head + keccak256(raw_blob))
