"""Index pages as responses: negotiated, compressed, conditional, and rendered once per head."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from ...model.pages import NO_POLICY, PagePolicy, Project, ProjectList
from ...registry import Served
from ...simple_api import DEFAULT, RENDERER, Format, negotiate
from ...telemetry import Event
from ..byte_cache import ByteCache, compress
from ..headers import COMMON, DENIED, PAGE, WATCHED_PAGE, accepts_gzip, denied_by, field, none_match, strong_etag
from ..observe import EventCounts
from ..policy import Policy
from ..workers import Workers
from .conditional import whole
from .oversize import Oversize

CACHE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Variant:
    """The form in which a client wants a page."""

    format: Format
    gzip: bool

    @classmethod
    def of(cls, request: Request) -> "Variant":
        """Negotiate. Who accepts nothing we have gets the default, as from PyPI: a 406 would end an installation."""
        fmt = negotiate(field(request, "accept")) or DEFAULT
        return cls(fmt, accepts_gzip(field(request, "accept-encoding")))


class Pages:
    """Answers requests for pages from values of the read port."""

    def __init__(
        self, workers: Workers, tally: EventCounts, policy: Policy, oversize: Oversize, max_bytes: int = CACHE_BYTES
    ) -> None:
        self._workers = workers
        self._oversize = oversize
        self._tally = tally
        self._headers = WATCHED_PAGE if policy.changes else PAGE
        self._rendered: ByteCache[str] = ByteCache(max_bytes)

    async def answer(
        self,
        request: Request,
        served: Served[Project] | Served[ProjectList],
        render: Callable[[Format], bytes],
    ) -> Response:
        """Return the page, or 304 where the client has it."""
        variant, source = Variant.of(request), served.value
        if served.stale:
            self._tally.tell(Event.STALE_SERVED)
        name = source.name if isinstance(source, Project) else ""
        policy = source.policy if isinstance(source, Project) else NO_POLICY
        parts = (source.registry, name, source.head, policy.revision)
        etag = strong_etag(RENDERER, *parts, variant.format.name, variant.gzip)
        headers = {
            **COMMON,
            **self._headers,
            **staleness(served),
            **denial(policy, self._tally),
            "Content-Type": variant.format.content_type,
            "ETag": etag,
        }
        if none_match(field(request, "if-none-match"), etag):
            # The real Content-Type, too: Mangum would add another, and clients update what they cached with it.
            return Response(status_code=304, headers=headers)
        body = await self._body(source, etag, variant, render)
        elsewhere = await self._oversize.instead(source, variant.format, body, etag, gzip=variant.gzip)
        if elsewhere is not None:
            elsewhere.headers.update(staleness(served))
            return elsewhere
        if variant.gzip:
            headers["Content-Encoding"] = "gzip"
        return whole(request, body, headers)

    async def _body(
        self, source: Project | ProjectList, etag: str, variant: Variant, render: Callable[[Format], bytes]
    ) -> bytes:
        def make() -> bytes:
            body = render(variant.format)
            return compress(body) if variant.gzip else body

        known = self._rendered.get(etag)
        if known is not None:
            return known
        return await self._workers.run(source.registry, lambda: self._rendered.get_or_make(etag, make))


def staleness(served: Served[Project] | Served[ProjectList]) -> dict[str, str]:
    """Say that a page could not be checked and why; with its age, shared caches do not take it for current either."""
    if not served.stale:
        return {}
    # Which endpoint failed, and how, is the operator's business.
    return {"Age": str(int(served.age)), "X-Dipmp-Stale": "the chain could not be asked"}


def denial(policy: PagePolicy, tally: EventCounts) -> dict[str, str]:
    """Say that a whole project is denied, and by which rule."""
    if not policy.denied:
        return {}
    tally.tell(Event.DENIED)
    return {DENIED: denied_by(policy.denied)}
