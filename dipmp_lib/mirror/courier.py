"""Fetching from the index that is mirrored: redirects checked one by one, faults retried a few times."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urljoin

from ..errors import SourceError
from ..http import Answer, Fetcher, mask_url
from .source import Source

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
class Found:
    """An answer, and the URL that gave it, after redirects."""

    url: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Courier:
    """Asks one index, and wherever it leads. Raises SourceError for all that goes wrong; 404 is an answer."""

    source: Source
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
    ) -> Found:
        """Return the 200 or 404 that a GET ends with, in one attempt. Raises TryLaterError for faults that pass."""
        for _ in range(MAX_REDIRECTS + 1):
            headers = {**self.source.headers(url), "Accept": accept}
            answer = self.fetcher.fetch(
                "GET", url, headers=headers, deadline=seconds, max_bytes=max_bytes, error=TryLaterError, sink=sink
            )
            if answer.status not in _REDIRECTS:
                return Found(url, _usable(answer, url))
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
