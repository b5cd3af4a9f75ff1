"""Pages too large for a Lambda response: `sync` writes them to a bucket, servers redirect to them."""

import json

from ..caching import Lru
from ..errors import PageTooLarge
from ..model.chains import ChainIds
from ..model.pages import Project, ProjectList
from ..registry.objects import ObjectHeaders, ObjectStore
from ..simple_api import Format, render_list, render_project
from .byte_cache import compress
from .headers import PAGE

LAMBDA_LIMIT = 6_291_556
"""Bytes of a whole response, as the JSON text that Lambda takes."""
_ENVELOPE = 8_192
"""Upper bound of what status, headers and the JSON around them take of that."""
_FEW_THINGS = 1_000
"""Files, names and notes on a page that is never too large: the longest file takes about 4 KiB."""
_MAX_KNOWN = 10_000


def lambda_size(body: bytes, *, binary: bool) -> int:
    """Return the bytes that a body takes of a response, at most: base64 if it is binary, else JSON text."""
    if binary:
        return _ENVELOPE + 4 * -(-len(body) // 3)
    return _ENVELOPE + len(json.dumps(body.decode()))


def render(page: Project | ProjectList, fmt: Format, base: str) -> bytes:
    """Return the page with URLs below `base`, an absolute URL that ends in a slash."""
    return render_project(page, fmt, base) if isinstance(page, Project) else render_list(page, fmt, base)


class LargePages:
    """Pages in an object store, each under one key, at which its successor replaces it.

    A page to which the operator's rules apply has a key of its own for each state of these rules. `pages_url` is the
    URL of the store's objects, `host_url` that of the server, which the URLs on pages name.
    """

    def __init__(self, objects: ObjectStore, pages_url: str, host_url: str, chain_ids: ChainIds) -> None:
        self._objects = objects
        self._pages_url = pages_url
        self._base = f"{host_url}/"
        self._chain_ids = chain_ids
        self._written: Lru[str, bool] = Lru(_MAX_KNOWN)

    def url(self, page: Project | ProjectList, fmt: Format, *, gzip: bool) -> str:
        """Return the URL of a stored page.

        Raises Upstream, and PageTooLarge where the page was never written: a redirect to it would read as absence.
        """
        key = self._key(page, fmt, gzip=gzip)
        if self._written.get(key) is None:
            if not self._objects.has(key):
                raise PageTooLarge(
                    f"the page of {_named(page)} is too large for this server to send, and not written elsewhere yet",
                    hint="try again when sync has run",
                )
            self._written.put(key, value=True)
        return f"{self._pages_url}/{key}"

    def write(self, page: Project | ProjectList, limit: int = LAMBDA_LIMIT) -> bool:
        """Write every variant of the page if one of them takes more than `limit`; tell whether. Raises Upstream."""
        if page.weight <= min(_FEW_THINGS, limit):
            return False
        bodies = {}
        for fmt in Format:
            plain = render(page, fmt, self._base)
            bodies[fmt, False], bodies[fmt, True] = plain, compress(plain)
        if all(lambda_size(body, binary=gzip) <= limit for (_, gzip), body in bodies.items()):
            return False
        for (fmt, gzip), body in bodies.items():
            self._objects.put(self._key(page, fmt, gzip=gzip), body, _headers(fmt, gzip=gzip))
        return True

    def _key(self, page: Project | ProjectList, fmt: Format, *, gzip: bool) -> str:
        folder = f"pages/{self._chain_ids.of(page.registry)}/0x{page.registry.address.hex()}"
        name = page.name if isinstance(page, Project) else "_"  # which no project is called
        # A page that was written before a rule about it is never what clients are sent to after it.
        rules = f"-{page.policy.revision}" if isinstance(page, Project) and page.policy.revision else ""
        return f"{folder}/{name}/{fmt.name.lower()}{rules}{'.gz' if gzip else ''}"


def _headers(fmt: Format, *, gzip: bool) -> ObjectHeaders:
    return ObjectHeaders(
        content_type=fmt.content_type,
        content_encoding="gzip" if gzip else "",
        cache_control=PAGE["Cache-Control"],
    )


def _named(page: Project | ProjectList) -> str:
    return f"{page.name} in {page.registry}" if isinstance(page, Project) else str(page.registry)
