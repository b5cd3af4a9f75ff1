"""Object store port: bytes by key, shared by processes, such as METADATA files and pages too large for a function."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectHeaders:
    """HTTP headers of an object: Content-Type, Content-Encoding ("" for none), Cache-Control."""

    content_type: str = "application/octet-stream"
    content_encoding: str = ""
    cache_control: str = ""


class ObjectStore(Protocol):
    """Stores objects. Implementations are safe to call from several threads.

    Keys are relative paths of characters that need no escaping in a URL.
    """

    def get(self, key: str, max_bytes: int) -> bytes | None:
        """Return the object, None where there is none. Raises Upstream, also for one of more than `max_bytes`."""
        ...

    def has(self, key: str) -> bool:
        """Tell whether there is such an object. Raises Upstream."""
        ...

    def put(self, key: str, body: bytes, headers: ObjectHeaders) -> None:
        """Store the object in place of an older one. Raises Upstream."""
        ...


def metadata_key(digest: bytes) -> str:
    """Return the key of the METADATA with this sha256."""
    return f"metadata/{digest.hex()}"
