"""Pages: newest first behind a cursor, bounded by bytes and by gas; scans in nonce order."""

from collections.abc import Iterator

import pytest

from tests.contract.backends import Backend, EmbeddedBackend, RevertError
from tests.contract.harness import Registry
from tests.support.model.contract import project_id

NAME = "some-project"
WHOLE = 1 << 24
NO_LIMIT = 2**256 - 1


def fill(registry: Registry, sizes: list[int]) -> Registry:
    owner = registry.backend.accounts[1]
    registry.claim(owner, NAME, owner)
    registry.claim(owner, "other", owner)
    for index, size in enumerate(sizes):
        registry.append(owner, NAME, 1, bytes([index & 0xFF]) * size)
        if index % 3 == 0:
            registry.append(owner, "other", 1, b"between")
    return registry


@pytest.fixture
def log(registry: Registry) -> Registry:
    """Nine entries of 33 to 433 bytes, with the entries of another project in between."""
    return fill(registry, [0, 50, 100, 150, 200, 250, 300, 400])


def nonces(registry: Registry, name: str = NAME) -> list[int]:
    return registry.model.logs[project_id(name)].nonces


def pages(registry: Registry, name: str, *, max_bytes: int = WHOLE, gas: int = 30_000_000) -> Iterator[bytes]:
    cursor = 0
    while True:
        _, _, cursor, page = registry.call("read", name, 0, cursor, max_bytes, gas=gas)
        yield page
        if cursor == 0:
            return


def test_every_byte_limit_reads_what_the_model_reads(log: Registry) -> None:
    whole = log.call("read", NAME, 0, 0, WHOLE)[3]
    for limit in (0, 1, 36, 37, 471, 472, 473, len(whole) - 1, len(whole), len(whole) + 1, NO_LIMIT):
        assert log.call("read", NAME, 0, 0, limit) == log.model.read(NAME, 0, 0, limit)


def test_pages_add_up_to_the_log(log: Registry) -> None:
    whole = log.model.read(NAME, 0, 0, WHOLE)[3]
    for limit in (471, 500, 1000):
        parts = list(pages(log, NAME, max_bytes=limit))
        assert b"".join(parts) == whole
        assert all(0 < len(part) <= limit for part in parts)


def test_known_leaves_out_what_the_reader_holds(log: Registry) -> None:
    numbers = nonces(log)
    for known in (0, numbers[0], numbers[3], numbers[3] + 1, numbers[-2], numbers[-1], numbers[-1] + 5, NO_LIMIT):
        assert log.call("read", NAME, known, 0, WHOLE) == log.model.read(NAME, known, 0, WHOLE)
    assert log.call("read", NAME, numbers[-2], 0, 100)[2:] == (numbers[-1], b"")


def test_a_cursor_continues_after_others_appended(log: Registry) -> None:
    owner = log.backend.accounts[1]
    slot_a, head, cursor, first = log.call("read", NAME, 0, 0, 1000)
    frozen = log.model.read(NAME, 0, 0, WHOLE)
    for _ in range(5):
        log.append(owner, NAME, 1, b"late")
    _, new_head, rest, second = log.call("read", NAME, 0, cursor, WHOLE)
    assert (slot_a, head, rest, first + second) == frozen
    assert new_head != head


def test_an_older_state_is_read_from_its_last_nonce(log: Registry) -> None:
    older = nonces(log)[4]
    assert log.call("read", NAME, 0, older, WHOLE) == log.model.read(NAME, 0, older, WHOLE)


def test_an_unclaimed_name_is_all_zero(log: Registry) -> None:
    assert log.call("read", "nobodys", 0, 0, WHOLE) == (0, bytes(32), 0, b"")


def test_a_cursor_that_a_reorganisation_took_away_reads_nothing(log: Registry) -> None:
    total = len(log.model.blobs)
    for gone in (total + 1, 1 << 48, NO_LIMIT):
        slot_a, head, cursor, page = log.call("read", NAME, 0, gone, WHOLE)
        assert (slot_a, head) == log.model.read(NAME, 0, 0, 0)[:2]
        assert (cursor, page) == (0, b"")


def test_the_registry_log_lists_the_claims(log: Registry) -> None:
    assert log.call("read", "", 0, 0, WHOLE) == log.model.read("", 0, 0, WHOLE)
    assert log.call("read", "", 0, 0, 80) == log.model.read("", 0, 0, 80)
    assert log.call("read", "", 1, 0, WHOLE) == log.model.read("", 1, 0, WHOLE)


def test_an_empty_registry(registry: Registry) -> None:
    assert registry.call("read", "", 0, 0, WHOLE) == (0, bytes(32), 0, b"")
    assert registry.call("scan", 0, WHOLE) == (0, 0, b"")


def test_the_largest_entry_needs_24_580_bytes(registry: Registry) -> None:
    owner = registry.backend.accounts[1]
    registry.claim(owner, NAME, owner)
    registry.append(owner, NAME, 1, b"\xff" * 24_543)
    newest = nonces(registry)[-1]
    assert registry.call("read", NAME, 0, 0, 24_579)[2:] == (newest, b"")
    assert registry.call("read", NAME, 0, 0, 24_580) == registry.model.read(NAME, 0, 0, 24_580)
    assert registry.call("scan", 2, 24_579)[1:] == (2, b"")
    assert registry.call("scan", 2, 24_580) == registry.model.scan(2, 24_580)


def test_scans_give_every_blob_in_nonce_order(log: Registry) -> None:
    total = len(log.model.blobs)
    for start in (0, 1, 2, total, total + 1, NO_LIMIT):
        assert log.call("scan", start, WHOLE) == log.model.scan(start, WHOLE)
    cursor, parts = 0, []
    while True:
        _, cursor, page = log.call("scan", cursor, 500)
        parts.append(page)
        if cursor == 0:
            break
    assert b"".join(parts) == log.model.scan(0, WHOLE)[2]
    assert len(parts) > 3


def test_a_page_stops_before_the_gas_does(registry: Registry) -> None:
    """From the least gas that reads anything, every amount gives a page, and pages add up."""
    target = fill(registry, [120] * 20 + [4000] * 6)
    whole = target.model.read(NAME, 0, 0, WHOLE)[3]
    complete = 0
    for gas in range(60_000, 300_000, 5_000):
        _, _, cursor, page = target.call("read", NAME, 0, 0, NO_LIMIT, gas=gas)
        assert whole.startswith(page)
        assert (cursor == 0) == (page == whole)
        complete += cursor == 0
    assert 0 < complete < 48
    assert b"".join(pages(target, NAME, gas=70_000)) == whole


@pytest.mark.evm
def test_a_large_page_leaves_a_proxy_the_gas_to_hand_it_on() -> None:
    """At hundreds of kilobytes the quadratic cost of memory decides, in the contract and once more in the proxy."""
    backend: Backend = EmbeddedBackend()
    registry = fill(Registry(backend), [20_000] * 24)
    cursors = set()
    for gas in range(100_000, 1_900_000, 25_000):
        cursors.add(registry.call("read", NAME, 0, 0, NO_LIMIT, gas=gas)[2])
    assert 0 in cursors
    assert len(cursors) > 20


def test_too_little_gas_for_anything_fails_instead_of_lying(log: Registry) -> None:
    with pytest.raises(RevertError):
        log.call("read", NAME, 0, 0, WHOLE, gas=24_000)
