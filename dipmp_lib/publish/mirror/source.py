"""The index that is mirrored: which URLs may be asked, and who gets the credentials."""

import hashlib
import ipaddress
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
from .page import ACCEPT, MAX_PAGE, SourceFile, SourcePage, parse_page


@dataclass(frozen=True, slots=True)
class IndexUrl:
    """An index by its URL, which ends in `/` and holds no user. `authorization` goes to `origin` alone."""

    url: str
    origin: Origin
    authorization: str = field(repr=False)

    def headers(self, url: str) -> Mapping[str, str]:
        """Return what a request for `url` carries. Raises SourceError for a URL that must not be asked.

        Only https is asked; plain http and hosts of this machine only where the index itself is on this machine, so
        that a page cannot make this machine talk to itself. A URL with a user in it is refused: a page that names one
        could only send somebody's credentials somewhere.
        """
        try:
            target = parse_target(url)
        except InvalidInput:
            raise SourceError(f"{self} names a URL that cannot be asked") from None
        if target.authorization:
            raise SourceError(f"{self} leads to a URL on {target.origin} that carries credentials")
        if target.origin.scheme != "https" and not is_loopback(target.origin):
            raise SourceError(f"{self} leads to {target.origin}, which is not https")
        if is_loopback(target.origin) and not is_loopback(self.origin):
            raise SourceError(f"{self} leads to {target.origin}, on this very machine")
        return {"Authorization": self.authorization} if self.authorization and target.origin == self.origin else {}

    def __str__(self) -> str:
        return mask_url(self.url)


def parse_source(url: str) -> IndexUrl:
    """Parse an index's URL, https or on loopback, whose user and password become the credentials.

    Raises InvalidSettings, whose message shows neither.
    """
    try:
        target = parse_target(url.strip())
    except InvalidInput as error:
        raise InvalidSettings([f"the URL of the index to mirror cannot be used ({error})"]) from None
    if "?" in url or "#" in url:
        raise InvalidSettings([f"the URL of the index {mask_url(url)} has a query or fragment"])
    if target.origin.scheme != "https" and not is_loopback(target.origin):
        raise InvalidSettings([f"the index {target.origin} is not https, so anybody on the way could change it"])
    return IndexUrl(f"{target.origin}{target.path.rstrip('/')}/", target.origin, target.authorization)


def is_loopback(origin: Origin) -> bool:
    """Tell whether the host is this machine, by its name or address alone; no name is resolved."""
    host = origin.host.rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


MAX_REDIRECTS = 5
ATTEMPTS = 4
_MAX_PAUSE = 30.0
_REDIRECTS = (301, 302, 303, 307, 308)
_LATER = (408, 425, 429, 500, 502, 503, 504)
_T = TypeVar("_T")


class TryLaterError(SourceError):
    """A fault that may pass, in `pause` seconds if the server says so."""

    def __init__(self, message: str, pause: float = 0.0) -> None:
        super().__init__(message, hint="run it again later: what was downloaded is kept")
        self.pause = pause


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """An answer, and the URL that gave it, after redirects."""

    url: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class SourceClient:
    """Asks one index, and wherever it leads. Raises SourceError for all that goes wrong; 404 is an answer."""

    source: IndexUrl
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
        """Return the 200 or 404 that a GET ends with, in one attempt. Raises TryLaterError for faults that pass."""
        for _ in range(MAX_REDIRECTS + 1):
            headers = {**self.source.headers(url), "Accept": accept}
            answer = self.fetcher.fetch(
                "GET", url, headers=headers, deadline=seconds, max_bytes=max_bytes, error=TryLaterError, sink=sink
            )
            if answer.status not in _REDIRECTS:
                return SourceAnswer(url, _usable(answer, url))
            url = urljoin(url, answer.headers.get("location", ""))
        raise SourceError(f"{self.source} redirects more than {MAX_REDIRECTS} times")

    def patiently(self, attempt: Callable[[], _T]) -> _T:
        """Return what `attempt` returns, tried again a few times while it raises TryLaterError."""
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
    """Reads one index. Pages are read once. Every method raises SourceError."""

    def __init__(self, courier: SourceClient) -> None:
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
