"""About how much memory values take, for what is bounded by it."""

from collections.abc import Iterable

from .log.blob import Blob
from .model import Project, ProjectList

_BLOB_BYTES = 300


def weigh_blobs(blobs: Iterable[Blob]) -> int:
    """Return bytes: the payloads, and what Python needs for each entry besides."""
    return sum(len(blob.payload) + _BLOB_BYTES for blob in blobs)


def weigh_page(page: Project | ProjectList) -> int:
    """Return the number of things on a page, itself included; each is well below 1 KiB."""
    things = page.files if isinstance(page, Project) else page.names
    return 1 + len(things) + len(page.notes)
