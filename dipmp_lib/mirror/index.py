"""The other index: project pages, METADATA and files, each checked against what the page says."""

import hashlib
from collections.abc import Callable
from typing import TypeVar

from ..errors import ProjectNotFound, SourceError
from ..log.limits import MAX_METADATA
from ..names import ProjectName
from .courier import Courier
from .page import ACCEPT, MAX_PAGE, SourceFile, SourcePage, parse_page

_PAGE_SECONDS = 60.0
_FILE_SECONDS = 60.0
_MIN_RATE = 64 * 1024
_T = TypeVar("_T")


class SourceIndex:
    """Reads one index. Pages are read once. Every method raises SourceError."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self._pages: dict[ProjectName, SourcePage] = {}

    def __str__(self) -> str:
        return str(self._courier.source)

    def page(self, project: ProjectName) -> SourcePage:
        """Return a project's page. Raises ProjectNotFound where the index has none."""
        if project not in self._pages:
            self._pages[project] = self._courier.patiently(lambda: self._read(project))
        return self._pages[project]

    def _read(self, project: ProjectName) -> SourcePage:
        url = f"{self._courier.source.url}{project}/"
        found = self._courier.get(url, accept=ACCEPT, max_bytes=MAX_PAGE, seconds=_PAGE_SECONDS)
        if found.answer.status == 404:
            raise ProjectNotFound(f"{self} has no project {project}")
        return parse_page(found.answer.body, found.answer.headers.get("content-type", ""), found.url, project)

    def metadata(self, file: SourceFile) -> bytes:
        """Return the METADATA that the index offers beside a wheel, with the digest that its page states."""
        return self._courier.patiently(lambda: self._metadata(file))

    def _metadata(self, file: SourceFile) -> bytes:
        url = f"{file.url}.metadata"
        found = self._courier.get(url, accept="*/*", max_bytes=MAX_METADATA, seconds=_PAGE_SECONDS)
        if found.answer.status != 200:
            raise SourceError(f"{self} advertises the METADATA of {file.filename.text} and does not have it")
        if hashlib.sha256(found.answer.body).digest() != file.metadata_sha256:
            raise SourceError(f"the METADATA that {self} has for {file.filename.text} is not what its page says")
        return found.answer.body

    def download(self, file: SourceFile, max_bytes: int, sink: Callable[[bytes], object]) -> None:
        """Pour a file's bytes into `sink`, in one attempt; nothing is said about them. Raises TryLaterError, too."""
        limit = max_bytes if file.size is None else min(file.size, max_bytes)
        seconds = _FILE_SECONDS + limit / _MIN_RATE
        found = self._courier.get(file.url, accept="*/*", max_bytes=limit, seconds=seconds, sink=sink)
        if found.answer.status != 200:
            raise SourceError(f"{self} lists {file.filename.text} and does not have it")

    def patiently(self, attempt: Callable[[], _T]) -> _T:
        """Return what `attempt` returns, tried again a few times while it raises what may pass."""
        return self._courier.patiently(attempt)
