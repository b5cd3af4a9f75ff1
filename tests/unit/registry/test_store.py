"""Keeping logs: bounded, and never going backwards by accident."""

from dipmp_lib.log.blob import Blob, fold_head, head0, project_id
from dipmp_lib.log.log import Log, Slot, parse_slot, weigh_blobs
from dipmp_lib.model.names import RegistryAddress
from dipmp_lib.registry import MemoryLogStore
from tests.support.files.logs import OWNER_KEY, ProjectLog

AT, OTHER = RegistryAddress(b"\x01" * 20), RegistryAddress(b"\x01" * 20, "base")


def log(count: int, name: str = "foo", tag: bytes = b"") -> Log:
    made = ProjectLog(name)
    for number in range(1, count):
        made.append(0x3F, b"%d" % number + tag)
    head = head0(1, AT.address, project_id(name))
    for blob in made.blobs:
        head = fold_head(head, blob.raw)
    return Log(name, Slot(OWNER_KEY, count, count, 0, 0), head, tuple(made.blobs))


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
    each = weigh_blobs(log(10).blobs)
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


def test_extending() -> None:
    assert log(5).extends(log(3))
    assert not log(5).extends(log(5))
    assert not log(3).extends(log(5))
    assert not log(5).extends(log(3, tag=b"x"))


def test_slots_are_unpacked_from_the_lowest_bit() -> None:
    word = int.from_bytes(b"\x07" + b"\x05" + (9).to_bytes(6, "big") + (300).to_bytes(4, "big") + OWNER_KEY, "big")
    assert parse_slot(word) == Slot(OWNER_KEY, 300, 9, 5, 7)
    assert parse_slot(2**256 - 1) == Slot(b"\xff" * 20, 2**32 - 1, 2**48 - 1, 255, 255)
    assert parse_slot(0) == Slot(bytes(20), 0, 0, 0, 0)


def test_weights_count_payloads_and_entries() -> None:
    assert weigh_blobs([Blob(1, 0, OWNER_KEY, 0, bytes(1000))]) - weigh_blobs([Blob(1, 0, OWNER_KEY, 0, b"")]) == 1000
    assert weigh_blobs(log(10).blobs) > 10 * 100
