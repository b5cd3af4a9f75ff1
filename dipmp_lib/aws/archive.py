"""Archive of logs in DynamoDB: pages of entries under keys that are never reused, then the head item that names them.

So a reader sees one log or another, never parts of two. A head item is replaced only if it is still the one that the
writer compared its log with; of two writers, the second compares again.
"""

import secrets
from collections.abc import Mapping, Sequence

from ..errors import MalformedLog, StoreError
from ..log.blob import head0, project_id
from ..log.log import Log
from ..log.record import deflate, inflate, paginate, restore
from ..log.verify import head_after
from ..model.chains import ChainIds
from ..model.names import ProjectName, RegistryAddress
from ..registry import ArchivedHead, ArchivedLog, Checkpoint
from ..telemetry import SILENCE, Event, Telemetry
from .client import AwsError
from .items import (
    CHECKPOINT,
    KEEP_SECONDS,
    HeadItem,
    PageRef,
    checkpoint_item,
    digest_of,
    expiry,
    log_key,
    milliseconds,
    parse_checkpoint,
    parse_head,
    parse_stored,
    partition,
    text,
)
from .table import CONFLICT, Table

PAGES_KEEP = 3 * KEEP_SECONDS
"""Seconds that a page stays; renewed once in KEEP_SECONDS, it outlives every item that names it."""


class LogPages:
    """Pages of the log `name` in the partition `pk`. All methods raise StoreError."""

    def __init__(self, table: Table, pk: str, name: ProjectName | str) -> None:
        self._table = table
        self._pk = pk
        self._name = name

    def write(self, pages: Sequence[bytes], reusable: Sequence[PageRef], now: float) -> tuple[PageRef, ...]:
        """Write the pages that are not at the same index of `reusable`; return the references of all."""
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
        """Return the pages, inflated. Raises MalformedLog where one is missing or has another digest."""
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
        """Set the pages' expiry to PAGES_KEEP after the unix time `now`."""
        for ref in refs:
            until = {"expires": expiry(now, PAGES_KEEP)}
            self._table.set(self._pk, ref.sort_key(self._name), until, "attribute_exists( #pk )")


TOUCH_SECONDS = 60.0
"""Seconds after which a log that is confirmed again is written as confirmed."""
_TRIES = 5
_UNCHANGED = "#version = :version AND #confirmed = :confirmed"


class DynamoArchive:
    """A LogArchive in a table with the string keys `pk` and `sk`, and `expires` as time to live. Raises StoreError."""

    def __init__(self, table: Table, chain_ids: ChainIds, telemetry: Telemetry = SILENCE) -> None:
        self._table = table
        self._chain_ids = chain_ids
        self._telemetry = telemetry

    def load(self, registry: RegistryAddress, name: ProjectName | str) -> ArchivedLog | None:
        """Return the log, as the port says."""
        head = self._head(registry, name, consistent=False)
        log = self._restore(registry, name, head) if head else None
        if head is None or log is None:
            return None
        checkpoint = self.checkpoint(registry)
        covered = checkpoint is not None and name not in checkpoint.behind
        return ArchivedLog(log, max(head.confirmed, checkpoint.confirmed if checkpoint and covered else 0.0))

    def save(self, registry: RegistryAddress, log: Log, confirmed: float, *, truncate: bool = False) -> bool:
        """Store a log, as the port says."""
        for _ in range(_TRIES):
            try:
                return self._save(registry, log, confirmed, truncate=truncate)
            except AwsError as error:
                if error.code != CONFLICT:
                    raise
        raise StoreError(f"others keep writing the log of {log.name or registry}", hint="try again in a moment")

    def knows(self, registry: RegistryAddress) -> bool:
        """Tell whether any log of the registry was ever saved, and confirmed in the last 30 days."""
        return self._table.any(self._pk(registry))

    def contents(self, registry: RegistryAddress) -> Mapping[str, ArchivedHead]:
        """Return the archived logs of a registry, as the port says."""
        return dict(map(parse_stored, self._table.logs(self._pk(registry))))

    def checkpoint(self, registry: RegistryAddress) -> Checkpoint | None:
        """Return the registry's checkpoint, or None."""
        item = self._table.get(self._pk(registry), CHECKPOINT)
        return None if item is None else parse_checkpoint(item)

    def set_checkpoint(self, registry: RegistryAddress, checkpoint: Checkpoint) -> None:
        """Store a checkpoint, as the port says."""
        item = checkpoint_item(self._pk(registry), checkpoint)
        try:
            self._table.put(
                item, "attribute_not_exists( #pk ) OR #confirmed <= :confirmed", confirmed=item["confirmed"]
            )
        except AwsError as error:
            if error.code != CONFLICT:
                raise

    def _save(self, registry: RegistryAddress, log: Log, confirmed: float, *, truncate: bool) -> bool:
        held = self._head(registry, log.name, consistent=True)
        if held is not None and (held.head, held.slot) == (log.head, log.slot):
            self._touch(registry, log.name, held, confirmed)
            return True
        if held is not None and not self._replaces(registry, log, confirmed, held, truncate=truncate):
            return False
        reusable = held.pages if held and confirmed < held.renew else ()
        head = HeadItem(
            slot=log.slot,
            head=log.head,
            pages=self._pages(registry, log.name).write(paginate(log.blobs), reusable, confirmed),
            confirmed=confirmed,
            version=secrets.token_hex(16),
            renew=held.renew if held and reusable else confirmed + KEEP_SECONDS,
        )
        item = head.item(self._pk(registry), log.name)
        if held is None:
            self._table.put(item, "attribute_not_exists( #pk )")
        else:
            self._table.put(item, _UNCHANGED, version=text(held.version), confirmed=milliseconds(held.confirmed))
        return True

    def _replaces(
        self, registry: RegistryAddress, log: Log, confirmed: float, held: HeadItem, *, truncate: bool
    ) -> bool:
        later = confirmed > held.confirmed
        if log.head == held.head:
            return later  # the rest of the slot, which the head does not commit to
        if log.slot.count > held.slot.count:
            empty = head0(self._chain_ids.of(registry), registry.address, project_id(log.name))
            if head_after(empty, log, held.slot.count) == held.head:
                return True
        stored = self._restore(registry, log.name, held)
        if stored is None:
            return True
        return later and (truncate or not stored.extends(log))

    def _touch(self, registry: RegistryAddress, name: str, held: HeadItem, confirmed: float) -> None:
        if confirmed - held.confirmed < TOUCH_SECONDS:
            return
        changes = {"confirmed": milliseconds(confirmed), "expires": expiry(confirmed)}
        if confirmed >= held.renew:
            self._pages(registry, name).renew(held.pages, confirmed)
            changes["renew"] = milliseconds(confirmed + KEEP_SECONDS)
        before = {"version": text(held.version), "confirmed": milliseconds(held.confirmed)}
        self._table.set(self._pk(registry), log_key(name), changes, _UNCHANGED, **before)

    def _head(self, registry: RegistryAddress, name: str, *, consistent: bool) -> HeadItem | None:
        item = self._table.get(self._pk(registry), log_key(name), consistent=consistent)
        return None if item is None else parse_head(item)

    def _restore(self, registry: RegistryAddress, name: str, head: HeadItem) -> Log | None:
        """Return the log that a head item names; None, which is reported, where it does not verify."""
        chain_id = self._chain_ids.of(registry)
        try:
            pages = self._pages(registry, name).read(head.pages)
            return restore(name, head.slot, head.head, pages, chain_id=chain_id, registry=registry.address)
        except MalformedLog as error:
            self._telemetry.tell(Event.STORE_FAILED, registry=str(registry), project=name, reason=str(error))
            return None

    def _pages(self, registry: RegistryAddress, name: str) -> LogPages:
        return LogPages(self._table, self._pk(registry), name)

    def _pk(self, registry: RegistryAddress) -> str:
        return partition(self._chain_ids.of(registry), registry.address)
