"""Index pages as responses: negotiated, compressed, conditional, and rendered once for each state of the registry."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from ...model.pages import NO_POLICY, PagePolicy, Project, ProjectList
from ...registry import Served
from ...simple_api import DEFAULT, RENDERER, Format, negotiate
from ...telemetry import Event
from ..byte_cache import ByteCache, compress
from ..headers import DENIED, PAGE, WATCHED_PAGE, denied_by
from ..metrics import EventCounts
from ..policy import Policy
from ..workers import Workers
from .conditional import accepts_gzip, answer, field, strong_etag, whole
from .page_limit import PageLimit

CACHE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Variant:
    """Format and encoding in which a client wants a page."""

    format: Format
    gzip: bool

    @classmethod
    def of(cls, request: Request) -> "Variant":
        """Negotiate. A client that accepts none of our formats gets the default, as from PyPI: 406 would stop pip."""
        fmt = negotiate(field(request, "accept")) or DEFAULT
        return cls(fmt, accepts_gzip(field(request, "accept-encoding")))


class Pages:
    """Answers requests for index pages with values of the read port; `max_bytes` of rendered pages stay in memory."""

    def __init__(
        self, workers: Workers, counts: EventCounts, policy: Policy, limit: PageLimit, max_bytes: int = CACHE_BYTES
    ) -> None:
        self._workers = workers
        self._limit = limit
        self._counts = counts
        self._headers = WATCHED_PAGE if policy.changes else PAGE
        self._rendered: ByteCache[str] = ByteCache(max_bytes)

    async def answer(
        self,
        request: Request,
        served: Served[Project] | Served[ProjectList],
        render: Callable[[Format], bytes],
    ) -> Response:
        """Return the page, 304 where the client has it, or a redirect where it is too large. Raises Upstream."""
        variant, source = Variant.of(request), served.value
        if served.stale:
            self._counts.tell(Event.STALE_SERVED)
        name = source.name if isinstance(source, Project) else ""
        policy = source.policy if isinstance(source, Project) else NO_POLICY
        parts = (source.registry, name, source.head, policy.revision)
        etag = strong_etag(RENDERER, *parts, variant.format.name, variant.gzip)
        stale = staleness(served)

        async def respond(headers: dict[str, str]) -> Response:
            body = await self._body(source, etag, variant, render)
            redirect = await self._limit.redirect(source, variant.format, body, etag, gzip=variant.gzip)
            if redirect is not None:
                redirect.headers.update(stale)
                return redirect
            return whole(request, body, headers, gzip=variant.gzip)

        denied = denial(policy, self._counts)
        headers = {**self._headers, **stale, **denied, "Content-Type": variant.format.content_type}
        return await answer(request, etag, headers, respond)

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
    """Return the headers of a page that could not be checked; by its Age, shared caches do not hold it for current."""
    if not served.stale:
        return {}
    # Which endpoint failed, and how, is the operator's business.
    return {"Age": str(int(served.age)), "X-Dipmp-Stale": "the chain could not be asked"}


def denial(policy: PagePolicy, counts: EventCounts) -> dict[str, str]:
    """Return the header of a project that is denied as a whole, which names the rule, and count the event."""
    if not policy.denied:
        return {}
    counts.tell(Event.DENIED)
    return {DENIED: denied_by(policy.denied)}
