"""An index as its clients see it: requests with exact headers, answers with nothing decoded on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urljoin

import requests
from requests.structures import CaseInsensitiveDict

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "application/vnd.pypi.simple.v1+html"
LATEST_JSON = "application/vnd.pypi.simple.latest+json"
LATEST_HTML = "application/vnd.pypi.simple.latest+html"
TEXT = "text/html"
KINDS = (JSON, HTML, TEXT)
MAX_BODY = 64 * 1024 * 1024
_CHUNK = 65_536


class Request(NamedTuple):
    """What identifies a request; headers in the order given, None takes out one that the library would send."""

    method: str
    url: str
    headers: tuple[tuple[str, str | None], ...]
    follow: bool


@dataclass(frozen=True)
class Answer:
    """A response. `url` is where it came from after redirects, `body` what was on the wire."""

    request: Request
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str

    @property
    def kind(self) -> str:
        """The media type without parameters, in lower case; "" where there is none."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def tokens(self, name: str) -> set[str]:
        """A header that is a list of tokens, in lower case."""
        return {token.strip().lower() for token in self.headers.get(name, "").split(",") if token.strip()}

    @property
    def cache_control(self) -> dict[str, str]:
        """Directives of Cache-Control and their values."""
        pairs = (token.partition("=") for token in self.tokens("Cache-Control"))
        return {name.strip(): value.strip('" ') for name, _, value in pairs}

    def __str__(self) -> str:
        sent = ", ".join(f"{name}: {value[:120]}" for name, value in self.request.headers if value is not None)
        to = f" → {self.url}" if self.url != self.request.url else ""
        what = f"{self.request.method} {self.request.url}{to} ({sent or 'no headers'})"
        return f"{what} was answered with {self.status} {self.kind or 'without Content-Type'}"


class Index:
    """The index at a URL. Answers are kept, so that the same question is asked once unless `fresh`."""

    def __init__(self, url: str, timeout: float = 30.0) -> None:
        self.url = url if url.endswith("/") else url + "/"
        self._timeout = timeout
        self._session = requests.Session()
        self._known: dict[Request, Answer] = {}

    def get(
        self,
        path: str = "",
        accept: str | None = JSON,
        *,
        method: str = "GET",
        follow: bool = False,
        fresh: bool = False,
        **headers: str | None,
    ) -> Answer:
        """Ask for `path`, relative to the index. Header names are written with `_` for `-`."""
        named = {"Accept": accept, "Accept-Encoding": "identity"}
        named |= {name.replace("_", "-").title(): value for name, value in headers.items()}
        request = Request(method, urljoin(self.url, path), tuple(named.items()), follow)
        if fresh or request not in self._known:
            self._known[request] = self._ask(request)
        return self._known[request]

    def _ask(self, request: Request) -> Answer:
        with self._session.request(
            request.method,
            request.url,
            headers=dict(request.headers),  # None takes out a default header
            allow_redirects=request.follow,
            timeout=self._timeout,
            stream=True,
        ) as response:
            body = bytearray()
            for chunk in response.raw.stream(_CHUNK, decode_content=False):
                body += chunk
                assert len(body) <= MAX_BODY, f"{request.url}: the body is longer than {MAX_BODY} bytes"
            return Answer(
                request, response.status_code, CaseInsensitiveDict(response.headers), bytes(body), response.url
            )

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()
