"""Size limit of pages: a page that a response cannot hold becomes a redirect to where it is stored."""

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
_MOST_PER_BYTE = 6
"""Characters that JSON takes for one byte at most, as in \\u0000."""


class PageLimit:
    """Redirects instead of pages that take more than `limit` bytes as Lambda counts them; None for no limit."""

    def __init__(self, workers: Workers, limit: int | None, large: LargePages | None) -> None:
        self._workers = workers
        self._limit = limit
        self._large = large
        self._sizes: Lru[str, int] = Lru(_MAX_SIZES)

    async def redirect(
        self, page: Project | ProjectList, fmt: Format, body: bytes, etag: str, *, gzip: bool
    ) -> Response | None:
        """Return the redirect to send in place of the body, whose tag is `etag`; None where the body fits.

        Raises PageTooLarge where the page is stored nowhere, and Upstream.
        """
        limit = self._limit
        if limit is None or _MOST_PER_BYTE * len(body) < limit:
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
