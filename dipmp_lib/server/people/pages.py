"""Pages for people as responses: compressed, conditional, under their own security policy; errors as pages."""

import re
import time
from collections.abc import Callable, Mapping
from types import ModuleType

from fastapi import Request
from starlette.responses import Response

from ...model.pages import NO_POLICY, Project, ProjectList
from ...registry import Served
from ...simple_api import weighted
from ...telemetry import Event
from ..answers.conditional import accepts_gzip, answer, field, strong_etag, whole
from ..answers.pages import denial, staleness
from ..byte_cache import compress
from ..headers import PAGE, WATCHED_PAGE
from ..metrics import EventCounts
from ..policy import Policy
from ..workers import Workers
from .format import moment

CONTENT_TYPE = "text/html; charset=utf-8"
_FOR_PROGRAMS = re.compile(r"/(?:simple|files|healthz)(?:/|$)")


class PeoplePages:
    """Renders pages in worker threads. A page's ETag is a hash of its bytes, as what it depends on is all in them."""

    def __init__(self, workers: Workers, counts: EventCounts, policy: Policy) -> None:
        self._workers = workers
        self._counts = counts
        self._headers = WATCHED_PAGE if policy.changes else PAGE

    async def home(self, request: Request, values: Mapping[str, object]) -> Response:
        """Return the start page."""
        return await self._answer(request, "home", lambda: _render("home.html", root="./", stale=None, **values), {})

    async def page(
        self,
        request: Request,
        template: str,
        values: Callable[[], Mapping[str, object]],
        served: Served[Project] | Served[ProjectList],
    ) -> Response:
        """Return a page about a registry or project; `values` is called in the worker. Raises Upstream."""
        if served.stale:
            self._counts.tell(Event.STALE_SERVED)
        confirmed = moment(time.time() - served.age) if served.stale else None

        def make() -> str:
            return _render(template, root=_root(request), stale=confirmed, **values())

        policy = served.value.policy if isinstance(served.value, Project) else NO_POLICY
        extra = staleness(served) | denial(policy, self._counts)
        return await self._answer(request, served.value.registry, make, extra)

    async def _answer(
        self, request: Request, key: object, make: Callable[[], str], extra: Mapping[str, str]
    ) -> Response:
        packed = accepts_gzip(field(request, "accept-encoding"))

        def encode() -> tuple[bytes, str]:
            body = make().encode()
            return (compress(body) if packed else body), strong_etag(body, packed)

        body, etag = await self._workers.run(key, encode)

        async def respond(headers: dict[str, str]) -> Response:
            return whole(request, body, headers, gzip=packed)

        return await answer(request, etag, {**self._headers, **page_headers(), **extra}, respond)


def page_headers() -> dict[str, str]:
    """Return the headers of every page for people."""
    return {
        "Content-Type": CONTENT_TYPE,
        "Content-Security-Policy": _templates().security_policy(),
        "Referrer-Policy": "no-referrer",
    }


def error_page(request: Request, problem: Mapping[str, object]) -> tuple[bytes, dict[str, str]] | None:
    """Return a problem as a page and the page's headers; None where the client prefers JSON.

    Programs read the index and the files, so problems there are JSON whatever is accepted.
    """
    if _FOR_PROGRAMS.match(_path(request)) or not _wants_html(field(request, "accept")):
        return None
    values = {"hint": "", "code": "", "detail": "", **problem}
    return _render("error.html", root=_root(request), stale=None, problem=values).encode(), page_headers()


def _wants_html(accept: str | None) -> bool:
    """Tell whether text/html is named and nothing is preferred to it, as by browsers, not by installers and scripts."""
    weights = dict(weighted(accept or ""))
    html = weights.get("text/html", 0.0)
    return html > 0 and html >= max(weights.values())


def _path(request: Request) -> str:
    path: str = request.scope["path"]
    return path.removeprefix(request.scope.get("root_path", ""))


def _root(request: Request) -> str:
    """Return the relative URL of the start page, so that a proxy's prefix or a stage before the path stays."""
    return "../" * (_path(request).count("/") - 1) or "./"


def _render(template: str, **values: object) -> str:
    text: str = _templates().render(template, **values)
    return text


def _templates() -> ModuleType:
    from . import templates  # noqa: PLC0415 - Jinja2, which a cold start does not need

    return templates
