"""Logs in memory: bounded, and never going backwards by accident."""

from dipmp_lib.log.log import Log, Slot
from dipmp_lib.model.names import RegistryAddress
from dipmp_lib.registry import ArchivedLog, EmptyArchive, MemoryLogStore
from tests.support.files.logs import OWNER_KEY
from tests.support.files.stored_logs import AT
from tests.support.files.stored_logs import make_log as log

OTHER = RegistryAddress(AT.address, "base")


def test_what_is_saved_is_loaded() -> None:
    store = MemoryLogStore()
    assert store.load(AT, "foo") is None
    store.save(AT, log(3))
    assert store.load(AT, "foo") == log(3)
    assert store.load(AT, "bar") is None
    assert store.load(OTHER, "foo") is None


def test_a_longer_log_replaces_a_shorter_one_and_not_the_reverse() -> None:
    store = MemoryLogStore()
    for count in (2, 5, 3, 5, 1):
        store.save(AT, log(count))
    assert store.load(AT, "foo") == log(5)
    store.save(AT, log(3), truncate=True)
    assert store.load(AT, "foo") == log(3)


def test_another_history_replaces_a_longer_one() -> None:
    store = MemoryLogStore()
    store.save(AT, log(5))
    store.save(AT, log(3, tag=b"after a reorganisation"))
    assert store.load(AT, "foo") == log(3, tag=b"after a reorganisation")


def test_the_slot_of_the_same_history_is_replaced() -> None:
    store = MemoryLogStore()
    store.save(AT, log(3))
    corrected = Log("foo", Slot(OWNER_KEY, 3, 77, 1, 0), log(3).head, log(3).blobs)
    store.save(AT, corrected)
    assert store.load(AT, "foo") == corrected


def test_memory_is_bounded_and_the_least_used_goes_first() -> None:
    each = sum(blob.weight for blob in log(10).blobs)
    store = MemoryLogStore(3 * each)
    for name in ("foo", "bar", "baz"):
        store.save(AT, log(10, name))
    store.load(AT, "foo")
    store.save(AT, log(10, "new"))
    assert [store.load(AT, name) is not None for name in ("foo", "bar", "baz", "new")] == [True, False, True, True]
    store.save(AT, log(1000, "big"))
    assert store.load(AT, "big") is None
    assert store.load(AT, "foo") is not None


def test_a_registry_is_known_for_longer_than_its_logs_are_kept() -> None:
    store = MemoryLogStore(1)
    assert not store.knows(AT)
    store.save(AT, log(3))
    assert store.load(AT, "foo") is None
    assert store.knows(AT)
    assert not store.knows(OTHER)


def test_the_time_of_the_last_confirmation_is_held() -> None:
    now = [100.0]
    store = MemoryLogStore(clock=lambda: now[0])
    assert store.confirmed(AT, "foo") == 0
    store.save(AT, log(5))
    assert store.confirmed(AT, "foo") == 100
    now[0] = 200
    store.save(AT, log(3))  # which an endpoint that lags may show
    assert store.confirmed(AT, "foo") == 100
    store.confirm(AT, "foo")
    assert store.confirmed(AT, "foo") == 200
    assert store.confirmed(OTHER, "foo") == 0


def test_an_archived_log_is_taken_over_with_its_time_unless_another_is_held() -> None:
    store = MemoryLogStore(clock=lambda: 100.0)
    store.adopt(AT, ArchivedLog(log(3), 7.0))
    assert (store.load(AT, "foo"), store.confirmed(AT, "foo"), store.knows(AT)) == (log(3), 7.0, True)
    store.adopt(AT, ArchivedLog(log(5), 8.0))
    assert (store.load(AT, "foo"), store.confirmed(AT, "foo")) == (log(5), 8.0)
    for other in (log(4), log(9, tag=b"fork")):
        store.adopt(AT, ArchivedLog(other, 9.0))
        assert (store.load(AT, "foo"), store.confirmed(AT, "foo")) == (log(5), 8.0)


def test_an_empty_archive_knows_nothing() -> None:
    assert EmptyArchive().load(AT, "foo") is None
    assert not EmptyArchive().knows(AT)
