"""The pages of one log in a table: written once under a random key, read and prolonged by those who know it."""

import secrets
from collections.abc import Sequence

from ..errors import MalformedLog
from ..names import ProjectName
from ..store.record import deflate, inflate
from .items import KEEP_SECONDS, PageRef, digest_of, expiry, text
from .table import Table

PAGES_KEEP = 3 * KEEP_SECONDS
"""Seconds; prolonged once in KEEP_SECONDS, a page outlives every item that names it."""


class LogPages:
    """Pages of the log `name` in the partition `pk`. Everything raises StoreError."""

    def __init__(self, table: Table, pk: str, name: ProjectName | str) -> None:
        self._table = table
        self._pk = pk
        self._name = name

    def write(self, pages: Sequence[bytes], reusable: Sequence[PageRef], now: float) -> tuple[PageRef, ...]:
        """Write the pages that are not at the same place in `reusable`; return how all are named."""
        refs = []
        for number, page in enumerate(pages):
            old = reusable[number] if number < len(reusable) else None
            refs.append(old if old and old.digest == digest_of(page) else self._write(page, now))
        return tuple(refs)

    def _write(self, page: bytes, now: float) -> PageRef:
        ref = PageRef(secrets.token_bytes(16), digest_of(page))
        keys = {"pk": text(self._pk), "sk": text(ref.sort_key(self._name))}
        self._table.put({**keys, "data": {"B": deflate(page)}, "expires": expiry(now, PAGES_KEEP)})
        return ref

    def read(self, refs: Sequence[PageRef]) -> list[bytes]:
        """Return the pages. Raises MalformedLog where one is missing or not what it was."""
        return [self._read(ref) for ref in refs]

    def _read(self, ref: PageRef) -> bytes:
        item = self._table.get(self._pk, ref.sort_key(self._name))
        if item is None or "B" not in item.get("data", {}):
            raise MalformedLog("a page that the record names is not there")
        page = inflate(bytes(item["data"]["B"]))
        if digest_of(page) != ref.digest:
            raise MalformedLog("a page of the record is another than it names")
        return page

    def renew(self, refs: Sequence[PageRef], now: float) -> None:
        """Let the pages stay for longer."""
        for ref in refs:
            until = {"expires": expiry(now, PAGES_KEEP)}
            self._table.set(self._pk, ref.sort_key(self._name), until, "attribute_exists( #pk )")
