"""A walk along a log: whatever the pages, it ends in the log or in MalformedLog."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import MalformedLog
from dipmp_lib.ethereum.calls import ReadAnswer
from dipmp_lib.log.blob import head0, project_id, write_page
from dipmp_lib.log.log import Log, pack_slot
from dipmp_lib.registry.chain.walk import Walk
from tests.support.files.logs import registry_log
from tests.support.files.stored_logs import AT, CHAIN_ID, held, make_log

EMPTY = head0(CHAIN_ID, AT.address, project_id("foo"))


def page(log: Log, start: int, stop: int, known: int = 0) -> ReadAnswer:
    """Return what the contract answers with entries `stop` to `start`, newest first, whose nonces are 1, 2, 3, …"""
    blobs = log.blobs[stop:start][::-1]
    return ReadAnswer(pack_slot(log.slot), log.head, stop if stop > known else 0, write_page(blobs))


@given(st.integers(1, 12), st.integers(0, 12), st.sets(st.integers(1, 11)))
def test_pages_of_any_size_lead_to_the_log(count: int, base: int, cuts: set[int]) -> None:
    log, base = make_log(count), min(base, count - 1)
    known = make_log(base) if base else None
    ends = sorted({cut for cut in cuts if base < cut < count} | {base}, reverse=True)
    walk = Walk("foo", known, EMPTY, page(log, count, ends[0], base))
    for start, stop in pairwise(ends):
        assert walk.cursor == start
        walk.take(page(log, start, stop, base))
    assert (walk.cursor, walk.known, walk.count) == (0, base, count - base)
    assert walk.weight == sum(blob.weight for blob in log.blobs[base:])
    assert walk.finish() == log


def test_a_registry_log_is_walked_by_its_own_links() -> None:
    log = held("", registry_log(["foo", "bar", "baz"]), 3)
    first = ReadAnswer(pack_slot(log.slot), log.head, 0, write_page(log.blobs[::-1]))
    assert Walk("", None, head0(CHAIN_ID, AT.address, project_id("")), first).finish() == log


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"next": 7}, "the cursor after an entry is 7, not 2"),
        ({"page": b""}, "the cursor after an entry is 2, not 5"),
        ({"page": b"", "next": 5}, "a page with more to follow has no entry"),
        ({"page": b"\xff" * 4}, "is cut off"),
    ],
)
def test_a_page_that_does_not_continue_the_walk_is_refused(change: dict[str, object], problem: str) -> None:
    with pytest.raises(MalformedLog, match=problem):
        Walk("foo", None, EMPTY, replace(page(make_log(5), 5, 2), **change))  # type: ignore[arg-type]


def test_entries_must_lead_to_older_ones() -> None:
    log = make_log(3)
    circle = replace(log, blobs=(*log.blobs[:2], replace(log.blobs[2], prev=3)))
    with pytest.raises(MalformedLog, match="entry 3 names 3 as an older one"):
        Walk("foo", None, EMPTY, page(circle, 3, 0))


def test_there_are_no_more_entries_than_the_log_counts() -> None:
    log = make_log(3)
    fewer = replace(log, slot=replace(log.slot, count=2))
    with pytest.raises(MalformedLog, match="more entries than the log counts"):
        Walk("foo", None, EMPTY, page(fewer, 3, 0))


def test_a_walk_that_is_not_over_is_no_log() -> None:
    with pytest.raises(MalformedLog, match="3 entries lead to 2, not 5 to 0"):
        Walk("foo", None, EMPTY, page(make_log(5), 5, 2)).finish()


def test_the_head_must_recompute() -> None:
    log = make_log(3)
    with pytest.raises(MalformedLog, match="head does not recompute"):
        Walk("foo", None, EMPTY, page(replace(log, head=bytes(32)), 3, 0)).finish()
    with pytest.raises(MalformedLog, match="head does not recompute"):
        Walk("foo", None, bytes(32), page(log, 3, 0)).finish()


def test_the_owner_must_follow_from_the_entries() -> None:
    log = make_log(3)
    stolen = replace(log, slot=replace(log.slot, owner=b"\x07" * 20))
    with pytest.raises(MalformedLog, match="another owner"):
        Walk("foo", None, EMPTY, page(stolen, 3, 0)).finish()
    with pytest.raises(MalformedLog, match="another owner"):
        Walk("foo", make_log(1), EMPTY, page(stolen, 3, 1, 1)).finish()
