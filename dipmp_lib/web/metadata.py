"""The METADATA of wheels: from memory, from what outlives the process, from gateways; always checked."""

import hashlib
from contextlib import suppress

from ..cid import raw_cid
from ..errors import Upstream
from ..log.limits import MAX_METADATA
from ..objects import ObjectStore, metadata_key
from .memory import ByteCache
from .services import Gateways

CACHE_BYTES = 16 * 1024 * 1024


class Metadata:
    """METADATA by its sha256."""

    def __init__(self, gateways: Gateways, objects: ObjectStore | None, *, max_bytes: int = CACHE_BYTES) -> None:
        self._gateways = gateways
        self._objects = objects
        self._known: ByteCache[bytes] = ByteCache(max_bytes)

    def peek(self, digest: bytes) -> bytes | None:
        """Return it where it is in memory."""
        return self._known.get(digest)

    def get(self, digest: bytes) -> bytes:
        """Return it. Raises GatewayError."""
        return self._known.get_or_make(digest, lambda: self._stored(digest) or self._fetched(digest))

    def _stored(self, digest: bytes) -> bytes | None:
        """Return what the store has, if that is what it should be; a store that fails is as good as an empty one."""
        if self._objects is None:
            return None
        with suppress(Upstream):
            body = self._objects.get(metadata_key(digest), MAX_METADATA)
            if body is not None and hashlib.sha256(body).digest() == digest:
                return body
        return None

    def _fetched(self, digest: bytes) -> bytes:
        return self._gateways.block(raw_cid(digest), MAX_METADATA)
