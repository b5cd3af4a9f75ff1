"""What becomes of a page that is larger than the server may answer with."""

from starlette.responses import Response

from ...caching import Lru
from ...errors import PageTooLarge
from ...model.pages import Project, ProjectList
from ...simple_api import Format
from ..headers import BRIEFLY, PAGE
from ..large_pages import LargePages, lambda_size
from ..workers import Workers
from .redirects import to_url

_MAX_SIZES = 10_000


class Oversize:
    """Replaces answers of more than `limit` bytes (None: none are) by redirects to where the pages are written."""

    def __init__(self, workers: Workers, limit: int | None, large: LargePages | None) -> None:
        self._workers = workers
        self._limit = limit
        self._large = large
        self._sizes: Lru[str, int] = Lru(_MAX_SIZES)

    async def instead(
        self, page: Project | ProjectList, fmt: Format, body: bytes, etag: str, *, gzip: bool
    ) -> Response | None:
        """Return what to answer in place of the body, whose tag is `etag`; None where it fits. Raises Upstream."""
        limit = self._limit
        if limit is None or 6 * len(body) < limit:  # as no byte takes more than six
            return None
        size = self._sizes.get(etag)
        if size is None:
            size = await self._workers.run(page.registry, lambda: lambda_size(body, binary=gzip))
            self._sizes.put(etag, size)
        if size <= limit:
            return None
        large = self._large
        if large is None:
            raise PageTooLarge(
                f"the page takes {size:,} bytes, and this server can send {limit:,}",
                hint="ask with Accept-Encoding: gzip; the operator can set DIPMP_BUCKET, DIPMP_PAGES_URL and HOST_URL,"
                " and let sync write large pages there",
            )
        url = await self._workers.run(page.registry, lambda: large.url(page, fmt, gzip=gzip))
        return to_url(url, {**BRIEFLY, "Vary": PAGE["Vary"]})
