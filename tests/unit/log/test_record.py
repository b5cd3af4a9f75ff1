"""Logs written down and read again: whatever a log holds comes back, and nothing else is taken for it."""

import zlib
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dipmp_lib.errors import MalformedLog
from dipmp_lib.log.blob import MAX_PAYLOAD, Blob, parse_page, write_page
from dipmp_lib.log.log import Log, Slot
from dipmp_lib.log.record import PAGE_BYTES, deflate, inflate, paginate, restore
from tests.support.exploring import examples
from tests.support.files.logs import OWNER_KEY, ProjectLog, registry_log
from tests.support.files.stored_logs import AT, CHAIN_ID, held, make_log

blobs = st.builds(
    Blob,
    kind=st.integers(0, 255),
    prev=st.integers(0, 2**48 - 1),
    actor=st.binary(min_size=20, max_size=20),
    time=st.integers(0, 2**40 - 1),
    payload=st.binary(max_size=300),
)


def again(log: Log) -> Log:
    pages = [inflate(deflate(page)) for page in paginate(log.blobs)]
    return restore(log.name, log.slot, log.head, pages, chain_id=CHAIN_ID, registry=AT.address)


@given(st.lists(blobs, max_size=30))
def test_pages_round_trip(entries: list[Blob]) -> None:
    assert parse_page(write_page(entries)) == entries
    assert [blob for page in paginate(entries) for blob in parse_page(page)] == entries


@given(st.binary(max_size=2000))
def test_deflating_round_trips(data: bytes) -> None:
    assert inflate(deflate(data)) == data


@given(st.binary(max_size=200))
def test_inflating_is_total(data: bytes) -> None:
    with suppress(MalformedLog):
        assert len(inflate(data)) <= PAGE_BYTES


@settings(max_examples=examples(40))
@given(st.lists(st.tuples(st.sampled_from([0x01, 0x20, 0x3F, 0x7F]), st.binary(max_size=200)), max_size=20))
def test_logs_round_trip(entries: list[tuple[int, bytes]]) -> None:
    made = ProjectLog("foo")
    for kind, payload in entries:
        made.append(kind, payload)
    log = held("foo", made.blobs, made.nonce)
    assert again(log) == log


def test_a_registry_log_comes_back_too() -> None:
    log = held("", registry_log(["foo", "bar", "baz"]), 3)
    assert again(log) == log


def test_a_page_is_full_before_the_next_begins_so_that_appending_changes_only_the_last() -> None:
    short, long = make_log(40, payload=MAX_PAYLOAD), make_log(60, payload=MAX_PAYLOAD)
    before, after = paginate(short.blobs), paginate(long.blobs)
    assert len(before) > 2
    assert after[: len(before) - 1] == before[:-1]
    assert all(len(page) <= PAGE_BYTES for page in after)
    assert len(deflate(after[0])) < 400_000


@pytest.mark.parametrize("data", [b"", b"x", deflate(b"a")[:-1], deflate(b"a") + b"x", deflate(bytes(PAGE_BYTES + 1))])
def test_what_is_no_page_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedLog):
        inflate(data)


@pytest.mark.slow
def test_a_bomb_is_cut_off() -> None:
    with pytest.raises(MalformedLog, match="longer"):
        inflate(zlib.compress(bytes(50_000_000)))


def test_the_changes_that_matter_are_noticed() -> None:
    log = make_log(5)
    lies = {
        "counts": replace(log, slot=replace(log.slot, count=4)),
        "follow": replace(log, slot=replace(log.slot, last=3)),
        "head": replace(log, head=bytes(32)),
        "owner": replace(log, slot=replace(log.slot, owner=bytes(20))),
        "recompute": replace(log, blobs=(*log.blobs[:-1], replace(log.blobs[-1], payload=b"other"))),
    }
    for word, lie in lies.items():
        with pytest.raises(MalformedLog, match=word):
            again(lie)
    with pytest.raises(MalformedLog, match="recompute"):
        restore("foo", log.slot, log.head, paginate(log.blobs), chain_id=1, registry=AT.address)
    with pytest.raises(MalformedLog, match="recompute"):
        restore("foo", log.slot, log.head, paginate(log.blobs), chain_id=CHAIN_ID, registry=OWNER_KEY)
    with pytest.raises(MalformedLog, match="0 entries"):
        restore("foo", Slot(bytes(20), 0, 0, 0, 0), bytes(32), [], chain_id=CHAIN_ID, registry=AT.address)
