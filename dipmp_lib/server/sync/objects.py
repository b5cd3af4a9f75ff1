"""What is kept of a project besides its log: METADATA of wheels, and its pages where they are too large for servers."""

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
    """Where blocks are fetched."""

    def block(self, cid: Cid, max_bytes: int) -> bytes:
        """Return the block. Raises GatewayError."""
        ...


@dataclass(frozen=True, slots=True)
class Made:
    """What was made for a page: METADATA files, and whether it was large; `complete` is whether nothing is missing."""

    metadata: int = 0
    large: bool = False
    complete: bool = True


class ObjectSync:
    """Writes objects. `show` is what policy makes of a project before it is shown."""

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

    def run(self, page: Project | ProjectList, deadline: Deadline) -> Made:
        """Make what is missing, as far as time allows; what fails is left for the next run."""
        metadata, complete = self._metadata(page, deadline) if isinstance(page, Project) else (0, True)
        try:
            large = self._write_large(page)
        except Upstream:
            return Made(metadata, large=False, complete=False)
        return Made(metadata, large, complete)

    def _metadata(self, project: Project, deadline: Deadline) -> tuple[int, bool]:
        made, complete = 0, True
        for digest in {file.metadata_sha256 for file in project.files if file.metadata_sha256}:
            if deadline.over:
                return made, False
            try:
                made += self._keep(digest)
            except (Upstream, Malformed):
                complete = False
        return made, complete

    def _keep(self, digest: bytes) -> bool:
        """Keep one METADATA; tell whether it was not there. Raises Upstream, Malformed."""
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
