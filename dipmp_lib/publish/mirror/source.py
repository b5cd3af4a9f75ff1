"""HTTP client of the index that is mirrored: allowed URLs, credentials, redirects, retries.

Pages are parsed in `page_parser`.
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urljoin

from ...errors import InvalidInput, InvalidSettings, ProjectNotFound, SourceError
from ...http import Answer, Fetcher, mask_url
from ...http.url import Origin, parse_target
from ...log.limits import MAX_METADATA
from ...model.names import ProjectName
from .page_parser import ACCEPT, MAX_PAGE, SourceFile, SourcePage, parse_page


@dataclass(frozen=True, slots=True)
class IndexUrl:
    """The URL of an index, with `/` at its end and without credentials; `authorization` is sent to `origin` alone."""

    url: str
    origin: Origin
    authorization: str = field(repr=False)

    def headers(self, url: str) -> Mapping[str, str]:
        """Return the headers of a request for `url`. Raises SourceError for a URL that is not allowed.

        Allowed is https; plain http and loopback hosts only if the index itself is on loopback, so that a page cannot
        make this machine send requests to itself. URLs with credentials are refused, since a page could use them to
        send credentials elsewhere.
        """
        try:
            target = parse_target(url)
        except InvalidInput:
            raise SourceError(f"{self} names a URL that cannot be asked") from None
        if target.authorization:
            raise SourceError(f"{self} leads to a URL on {target.origin} that carries credentials")
        if target.origin.scheme != "https" and not _is_this_machine(target.origin):
            raise SourceError(f"{self} leads to {target.origin}, which is not https")
        if _is_this_machine(target.origin) and not _is_this_machine(self.origin):
            raise SourceError(f"{self} leads to {target.origin}, on this very machine")
        return {"Authorization": self.authorization} if self.authorization and target.origin == self.origin else {}

    def __str__(self) -> str:
        return mask_url(self.url)


def parse_index_url(url: str) -> IndexUrl:
    """Parse an index's URL, https or on loopback, whose user and password become the credentials.

    Raises InvalidSettings, whose message shows neither.
    """
    try:
        target = parse_target(url.strip())
    except InvalidInput as error:
        raise InvalidSettings([f"the URL of the index to mirror cannot be used ({error})"]) from None
    if "?" in url or "#" in url:
        raise InvalidSettings([f"the URL of the index {mask_url(url)} has a query or fragment"])
    if target.origin.scheme != "https" and not _is_this_machine(target.origin):
        raise InvalidSettings([f"the index {target.origin} is not https, so anybody on the way could change it"])
    return IndexUrl(f"{target.origin}{target.path.rstrip('/')}/", target.origin, target.authorization)


def _is_this_machine(origin: Origin) -> bool:
    """Tell whether the host is loopback, or a name below `localhost`, which resolvers keep on it (RFC 6761)."""
    return origin.is_loopback or origin.host.rstrip(".").endswith(".localhost")


MAX_REDIRECTS = 5
ATTEMPTS = 4
_MAX_PAUSE = 30.0
_REDIRECTS = (301, 302, 303, 307, 308)
_LATER = (408, 425, 429, 500, 502, 503, 504)
_T = TypeVar("_T")


class TryLaterError(SourceError):
    """A transient fault; `pause` is the server's Retry-After in seconds, or 0."""

    def __init__(self, message: str, pause: float = 0.0) -> None:
        super().__init__(message, hint="run it again later: what was downloaded is kept")
        self.pause = pause


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """An answer, and its URL after redirects."""

    url: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class SourceClient:
    """HTTP client of one index, and of the hosts that it links to. Raises SourceError for all faults but 404."""

    index: IndexUrl
    fetcher: Fetcher
    sleep: Callable[[float], None] = time.sleep

    def get(
        self,
        url: str,
        *,
        accept: str,
        max_bytes: int,
        seconds: float,
        sink: Callable[[bytes], object] | None = None,
    ) -> SourceAnswer:
        """Return the answer, 200 or 404, of one GET with its redirects.

        `seconds` and `max_bytes` bound each request. Raises TryLaterError for transient faults.
        """
        for _ in range(MAX_REDIRECTS + 1):
            headers = {**self.index.headers(url), "Accept": accept}
            answer = self.fetcher.fetch(
                "GET", url, headers=headers, deadline=seconds, max_bytes=max_bytes, error=TryLaterError, sink=sink
            )
            if answer.status not in _REDIRECTS:
                return SourceAnswer(url, _usable(answer, url))
            url = urljoin(url, answer.headers.get("location", ""))
        raise SourceError(f"{self.index} redirects more than {MAX_REDIRECTS} times")

    def with_retries(self, attempt: Callable[[], _T]) -> _T:
        """Call `attempt` up to `ATTEMPTS` times while it raises TryLaterError, and return its result."""
        pause = 1.0
        for _ in range(ATTEMPTS - 1):
            try:
                return attempt()
            except TryLaterError as error:
                self.sleep(min(error.pause or pause, _MAX_PAUSE))
                pause *= 2
        return attempt()


def _usable(answer: Answer, url: str) -> Answer:
    if answer.status in (200, 404):
        return answer
    if answer.status in _LATER:
        after = answer.headers.get("retry-after", "")
        pause = float(after) if after.isascii() and after.isdigit() and len(after) < 6 else 0.0
        raise TryLaterError(f"{mask_url(url)} answered {answer.status}", pause)
    hint = "check the user and password of the index" if answer.status in (401, 403) else ""
    raise SourceError(f"{mask_url(url)} answered {answer.status}", hint=hint)


_PAGE_SECONDS = 60.0
_FILE_SECONDS = 60.0
_MIN_RATE = 64 * 1024


class SourceIndex:
    """One index: project pages, METADATA and files. Each page is read once. Every method raises SourceError."""

    def __init__(self, client: SourceClient) -> None:
        self._client = client
        self._pages: dict[ProjectName, SourcePage] = {}

    def __str__(self) -> str:
        return str(self._client.index)

    def page(self, project: ProjectName) -> SourcePage:
        """Return a project's page. Raises ProjectNotFound where the index has none."""
        if project not in self._pages:
            self._pages[project] = self._client.with_retries(lambda: self._read(project))
        return self._pages[project]

    def _read(self, project: ProjectName) -> SourcePage:
        url = f"{self._client.index.url}{project}/"
        found = self._client.get(url, accept=ACCEPT, max_bytes=MAX_PAGE, seconds=_PAGE_SECONDS)
        if found.answer.status == 404:
            raise ProjectNotFound(f"{self} has no project {project}")
        return parse_page(found.answer.body, found.answer.headers.get("content-type", ""), found.url, project)

    def metadata(self, file: SourceFile) -> bytes:
        """Return the METADATA file of a wheel, whose digest the page states (PEP 658)."""
        return self._client.with_retries(lambda: self._metadata(file))

    def _metadata(self, file: SourceFile) -> bytes:
        url = f"{file.url}.metadata"
        found = self._client.get(url, accept="*/*", max_bytes=MAX_METADATA, seconds=_PAGE_SECONDS)
        if found.answer.status != 200:
            raise SourceError(f"{self} advertises the METADATA of {file.filename.text} and does not have it")
        if hashlib.sha256(found.answer.body).digest() != file.metadata_sha256:
            raise SourceError(f"the METADATA that {self} has for {file.filename.text} is not what its page says")
        return found.answer.body

    def download(self, file: SourceFile, max_bytes: int, sink: Callable[[bytes], object]) -> None:
        """Pass a file's bytes, unverified, to `sink`, in one attempt. Raises TryLaterError, too."""
        limit = max_bytes if file.size is None else min(file.size, max_bytes)
        seconds = _FILE_SECONDS + limit / _MIN_RATE
        found = self._client.get(file.url, accept="*/*", max_bytes=limit, seconds=seconds, sink=sink)
        if found.answer.status != 200:
            raise SourceError(f"{self} lists {file.filename.text} and does not have it")

    def with_retries(self, attempt: Callable[[], _T]) -> _T:
        """Return the result of `attempt`, with the retries of SourceClient."""
        return self._client.with_retries(attempt)
