"""Pages that are larger than a function may answer with: `sync` writes them to a bucket, servers redirect to them."""

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
"""Bytes of a response as the JSON text that Lambda takes, in all."""
_ENVELOPE = 8_192
"""More than status, headers and the names around them ever take of that."""
_FEW_THINGS = 1_000
"""Files, names and notes of a page that is never too large, at some 4 KiB for the longest file."""
_MAX_KNOWN = 10_000


def lambda_size(body: bytes, *, binary: bool) -> int:
    """Return what a body takes of a response: base64 for binary ones, else text with its escapes, at most."""
    if binary:
        return _ENVELOPE + 4 * -(-len(body) // 3)
    return _ENVELOPE + len(json.dumps(body.decode()))


def render(page: Project | ProjectList, fmt: Format, base: str) -> bytes:
    """Return the page with URLs below `base`, an absolute URL that ends in a slash."""
    return render_project(page, fmt, base) if isinstance(page, Project) else render_list(page, fmt, base)


class LargePages:
    """Pages in an object store, under keys that stay: a page is replaced by its successor.

    A page to which the operator's rules apply has a key of its own for each state of these rules.

    `pages_url` is where the store's objects are read, `host_url` where the server is, which the URLs on pages name.
    """

    def __init__(self, objects: ObjectStore, pages_url: str, host_url: str, chain_ids: ChainIds) -> None:
        self._objects = objects
        self._pages_url = pages_url
        self._base = f"{host_url}/"
        self._chain_ids = chain_ids
        self._written: Lru[str, bool] = Lru(_MAX_KNOWN)

    def url(self, page: Project | ProjectList, fmt: Format, *, gzip: bool) -> str:
        """Return where the page is read.

        Raises PageTooLarge where it was never written, as a redirect to what is not there would read as absence, and
        Upstream.
        """
        key = self._key(page, fmt, gzip=gzip)
        if self._written.get(key) is None:
            if not self._objects.has(key):
                raise PageTooLarge(
                    f"the page of {_what(page)} is too large for this server to send, and not written elsewhere yet",
                    hint="try again when sync has run",
                )
            self._written.put(key, value=True)
        return f"{self._pages_url}/{key}"

    def write(self, page: Project | ProjectList, limit: int = LAMBDA_LIMIT) -> bool:
        """Write every variant of the page if any of them is larger than `limit`; tell whether. Raises Upstream."""
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
        # What was written before a rule about the page is not what clients are sent to after it.
        rules = f"-{page.policy.revision}" if isinstance(page, Project) and page.policy.revision else ""
        return f"{folder}/{name}/{fmt.name.lower()}{rules}{'.gz' if gzip else ''}"


def _headers(fmt: Format, *, gzip: bool) -> ObjectHeaders:
    return ObjectHeaders(
        content_type=fmt.content_type,
        content_encoding="gzip" if gzip else "",
        cache_control=PAGE["Cache-Control"],
    )


def _what(page: Project | ProjectList) -> str:
    return f"{page.name} in {page.registry}" if isinstance(page, Project) else str(page.registry)
