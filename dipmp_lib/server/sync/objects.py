"""Sync of objects to the bucket: METADATA of wheels, and pages that are too large for a response."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ...caching import Lru
from ...errors import Malformed, Upstream
from ...ipfs.cid import Cid, raw_cid, verify
from ...log.limits import MAX_METADATA
from ...model.pages import Project, ProjectList
from ...registry.objects import ObjectHeaders, ObjectStore, metadata_key
from ..headers import FOR_EVER
from ..large_pages import LargePages
from .deadline import Deadline

_MAX_KNOWN = 200_000
_HEADERS = ObjectHeaders(cache_control=FOR_EVER["Cache-Control"])


class Blocks(Protocol):
    """Port to blocks on IPFS."""

    def block(self, cid: Cid, max_bytes: int) -> bytes:
        """Return the block. Raises GatewayError."""
        ...


@dataclass(frozen=True, slots=True)
class WrittenObjects:
    """Objects of a page: the number of METADATA files written, whether the page is large, whether all are there now."""

    metadata: int = 0
    large: bool = False
    complete: bool = True


class ObjectSync:
    """Writes the objects of pages. `show` applies policy to a project before it is shown."""

    def __init__(
        self,
        objects: ObjectStore,
        gateways: Blocks,
        large: LargePages | None,
        show: Callable[[Project], Project] = lambda project: project,
    ) -> None:
        self._objects = objects
        self._gateways = gateways
        self._large = large
        self._show = show
        self._known: Lru[bytes, bool] = Lru(_MAX_KNOWN)

    def run(self, page: Project | ProjectList, deadline: Deadline) -> WrittenObjects:
        """Write the missing objects of a page, as far as time allows; failures are left for the next run."""
        metadata, complete = self._metadata(page, deadline) if isinstance(page, Project) else (0, True)
        try:
            large = self._write_large(page)
        except Upstream:
            return WrittenObjects(metadata, large=False, complete=False)
        return WrittenObjects(metadata, large, complete)

    def _metadata(self, project: Project, deadline: Deadline) -> tuple[int, bool]:
        written, complete = 0, True
        for digest in {file.metadata_sha256 for file in project.files if file.metadata_sha256}:
            if deadline.over:
                return written, False
            try:
                written += self._store(digest)
            except (Upstream, Malformed):
                complete = False
        return written, complete

    def _store(self, digest: bytes) -> bool:
        """Store one METADATA file; tell whether it was missing. Raises Upstream, Malformed."""
        key = metadata_key(digest)
        if self._known.get(digest) or self._objects.has(key):
            self._known.put(digest, value=True)
            return False
        cid = raw_cid(digest)
        body = self._gateways.block(cid, MAX_METADATA)
        verify(cid, body)
        self._objects.put(key, body, _HEADERS)
        self._known.put(digest, value=True)
        return True

    def _write_large(self, page: Project | ProjectList) -> bool:
        if self._large is None:
            return False
        return self._large.write(self._show(page) if isinstance(page, Project) else page)
