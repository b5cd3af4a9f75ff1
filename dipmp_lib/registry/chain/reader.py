"""Reader of logs: only new entries travel, and a long log is read over several refreshes."""

import time
from collections.abc import Callable
from dataclasses import replace

from ...caching import Lru
from ...errors import Malformed, MalformedLog, Upstream
from ...ethereum.calls import ReadAnswer
from ...log.blob import next_nonce
from ...log.log import Log, Slot, parse_slot
from ...log.verify import check_owner, head_after
from ...model.names import RegistryAddress
from .. import LogStore
from .presence import Presence
from .refresh import NoRegistryError, ReadLimits, Refresh
from .walk import Walk

TRUNCATION_SECONDS = 120.0
"""Seconds for which an endpoint that shows only the first of the held entries is taken to lag, before it is believed.

A reorganisation that drops entries for good looks the same; any answer that has them all ends the wait.
"""
_MAX_KEYS = 10_000


class LogReader:
    """Reads logs and verifies them; what was read is held in `store`. Safe to use from several threads."""

    def __init__(
        self, store: LogStore, presence: Presence, limits: ReadLimits, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._presence = presence
        self._limits = limits
        self._clock = clock
        self._unfinished: Lru[tuple[RegistryAddress, str], Walk] = Lru(
            limits.log_bytes + limits.log_bytes // 4, lambda walk: walk.weight
        )
        self._behind_since: Lru[tuple[RegistryAddress, str], float] = Lru(_MAX_KEYS)

    def read(self, refresh: Refresh) -> Log | None:
        """Return the log as the chain has it now; None for a log without entries.

        Raises NoRegistryError, MalformedLog, MalformedAnswer, and Upstream: also where the log is too long for one
        refresh, which the next one then continues.
        """
        held = self._store.load(refresh.deployed.registry, refresh.name)
        walk = self._unfinished.pop(refresh.key)
        if walk is not None:
            held = self._resume(refresh, walk) or held
        first = refresh.read(held.slot.last if held else 0, 0)
        slot = parse_slot(first.slot_a)
        is_empty = _is_empty(slot, first)
        if held is not None:
            return self._update(refresh, held, slot, first)
        if is_empty:
            self._presence.require(refresh.deployed)
            return None
        return self._read_all(refresh, first)

    def _resume(self, refresh: Refresh, walk: Walk) -> Log | None:
        try:
            return self._complete(refresh, walk)
        except MalformedLog:  # reorganised since, or a lie: only reading it again can tell
            return None

    def _update(self, refresh: Refresh, held: Log, slot: Slot, first: ReadAnswer) -> Log | None:
        if first.head == held.head:
            self._behind_since.pop(refresh.key)
            return self._confirm(refresh, held, slot)
        if slot.count < held.slot.count and _is_beginning(refresh, held, slot, first.head):
            return self._believe_shorter(refresh, held, slot, first.head)
        try:
            if slot.count > held.slot.count:
                return self._complete(refresh, Walk(refresh.name, held, refresh.empty_head(), first))
        except MalformedLog:  # reorganised, or a lie: only reading all of it can tell
            pass
        return self._read_all(refresh, _again(refresh))

    def _confirm(self, refresh: Refresh, held: Log, slot: Slot) -> Log:
        """Return the held log with the rest of the slot, which the head does not commit to, as the chain has it now.

        A lie about the newest nonce, say, lasts until the next answer, not for ever.
        """
        if slot == held.slot:
            self._store.confirm(refresh.deployed.registry, refresh.name)
            return held
        if (slot.count, refresh.name and slot.owner) != (held.slot.count, refresh.name and held.slot.owner):
            raise MalformedLog("the log's count or owner changed, and its head did not")
        log = replace(held, slot=slot)
        self._store.save(refresh.deployed.registry, log)
        return log

    def _read_all(self, refresh: Refresh, first: ReadAnswer) -> Log:
        """Read from the newest entry to the first; a second time if the chain was reorganised between two pages."""
        calls = refresh.calls
        try:
            return self._complete(refresh, Walk(refresh.name, None, refresh.empty_head(), first))
        except MalformedLog:
            if refresh.calls == calls or refresh.spent:
                raise
        return self._complete(refresh, Walk(refresh.name, None, refresh.empty_head(), _again(refresh)))

    def _complete(self, refresh: Refresh, walk: Walk) -> Log:
        """Read on to the walk's end; a walk that fails or has to wait is kept for the next refresh."""
        while walk.cursor:
            try:
                self._check_limits(refresh, walk)
                answer = refresh.read(walk.known, walk.cursor)
            except NoRegistryError as error:
                raise MalformedLog(f"between two pages the registry was gone: {error}") from None
            except (Upstream, Malformed):
                self._unfinished.put(refresh.key, walk)
                raise
            walk.take(answer)
        log = walk.finish()
        self._store.save(refresh.deployed.registry, log)
        self._presence.add(refresh.deployed.registry)
        self._behind_since.pop(refresh.key)
        return log

    def _check_limits(self, refresh: Refresh, walk: Walk) -> None:
        what = f"the log of {refresh.name or 'the registry'!r} has {walk.slot.count} entries"
        if walk.weight > self._limits.log_bytes:
            raise Upstream(f"{what}, more than this reader has memory for", hint="read it with a larger log_bytes")
        if refresh.spent:
            raise Upstream(
                f"{what}, of which {walk.count} were read so far", hint="try again: reading continues where it stopped"
            )

    def _believe_shorter(self, refresh: Refresh, held: Log, slot: Slot, head: bytes) -> Log | None:
        """Return the held log until the wait is over, then its beginning that the chain still has."""
        since = self._behind_since.get(refresh.key)
        if since is None:
            since = self._clock()
            self._behind_since.put(refresh.key, since)
        if self._clock() - since < TRUNCATION_SECONDS or not _is_agreed(refresh, head):
            return held
        if slot.count == 0:
            return None
        blobs = held.blobs[: slot.count]
        shorter = check_owner(Log(refresh.name, slot, head, blobs), blobs)
        self._store.save(refresh.deployed.registry, shorter, truncate=True)
        return shorter


def _is_agreed(refresh: Refresh, head: bytes) -> bool:
    """Tell whether two endpoints, where two are configured, show this head: one alone hides no entry for good."""
    chain = refresh.deployed.chain
    if len(chain.endpoints) == 1:
        return True
    try:
        what = f"the entries of {refresh.name or 'the registry'!r}"
        return chain.agree(lambda rpc: refresh.via(rpc).read(0, 0).head, what) == head
    except (Upstream, NoRegistryError):
        return False


def _again(refresh: Refresh) -> ReadAnswer:
    try:
        return refresh.read(0, 0)
    except NoRegistryError as error:
        raise MalformedLog(f"between two pages the registry was gone: {error}") from None


def _is_empty(slot: Slot, first: ReadAnswer) -> bool:
    if slot.last:
        return False
    if slot.count or first.next or first.page or any(first.head):
        raise MalformedLog("a log without a last entry has a count, a head or entries")
    return True


def _is_beginning(refresh: Refresh, held: Log, slot: Slot, head: bytes) -> bool:
    """Tell whether a slot and head are those that the held log had after its first `slot.count` entries."""
    last = next_nonce(held.blobs[slot.count], registry_log=not held.name)
    return slot.last == last and head_after(refresh.empty_head(), held, slot.count) == head
