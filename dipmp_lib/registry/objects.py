"""Bytes by key that outlive a process and are read by others: METADATA files, and pages too large for a function."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectHeaders:
    """What is said of an object over HTTP: Content-Type, Content-Encoding ("" for none), Cache-Control."""

    content_type: str = "application/octet-stream"
    content_encoding: str = ""
    cache_control: str = ""


class ObjectStore(Protocol):
    """Keeps objects. Implementations are safe to call from several threads.

    Keys are relative paths of characters that need no escaping in a URL.
    """

    def get(self, key: str, max_bytes: int) -> bytes | None:
        """Return the object, or None where there is none. Raises Upstream, also for one that is larger."""
        ...

    def has(self, key: str) -> bool:
        """Tell whether there is such an object. Raises Upstream."""
        ...

    def put(self, key: str, body: bytes, headers: ObjectHeaders) -> None:
        """Keep the object in place of an older one. Raises Upstream."""
        ...


def metadata_key(digest: bytes) -> str:
    """Return the key of the METADATA with this sha256."""
    return f"metadata/{digest.hex()}"
