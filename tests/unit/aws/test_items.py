"""Items of the archive: what is written is read back, and foreign items are refused."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.aws.items import (
    KEEP_SECONDS,
    HeadItem,
    PageRef,
    checkpoint_item,
    digest_of,
    expiry,
    log_key,
    parse_checkpoint,
    parse_head,
    parse_stored,
    partition,
)
from dipmp_lib.errors import StoreError
from dipmp_lib.log.log import Slot
from dipmp_lib.registry import ArchivedHead, Checkpoint

times = st.integers(0, 2**42).map(lambda number: number / 1000)  # DynamoDB is given milliseconds
names = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True) | st.just("")
short = st.binary(min_size=16, max_size=16)
slots = st.builds(
    Slot,
    owner=st.binary(min_size=20, max_size=20),
    count=st.integers(0, 2**32 - 1),
    last=st.integers(0, 2**48 - 1),
    status=st.integers(0, 255),
    epoch=st.integers(0, 255),
)
heads = st.builds(
    HeadItem,
    slot=slots,
    head=st.binary(min_size=32, max_size=32),
    pages=st.lists(st.builds(PageRef, short, short), max_size=4).map(tuple),
    confirmed=times,
    version=st.text("0123456789abcdef", min_size=32, max_size=32),
    renew=times,
)
checkpoints = st.builds(
    Checkpoint,
    total=st.integers(0, 2**48),
    tip=st.binary(min_size=32, max_size=32),
    confirmed=times,
    behind=st.frozensets(names, max_size=4),
    owed=st.frozensets(names, max_size=4),
    sweeping=times,
    swept=times,
)
HEAD = HeadItem(
    slot=Slot(bytes(20), 1, 1, 0, 0),
    head=bytes(32),
    pages=(PageRef(b"k" * 16, b"d" * 16),),
    confirmed=1.5,
    version="v",
    renew=2.0,
)
CHECKPOINT = Checkpoint(total=1, tip=bytes(32), confirmed=1.0)


@given(heads, names)
def test_a_head_item_comes_back_whole_and_in_short(head: HeadItem, name: str) -> None:
    item = head.item("1/0x00", name)
    assert parse_head(item) == head
    assert parse_stored(item) == (name, ArchivedHead(head.head, head.slot.last, head.confirmed))
    assert (item["pk"], item["sk"]) == ({"S": "1/0x00"}, {"S": f"log/{name}"})
    assert item["expires"] == expiry(head.confirmed) == {"N": str(int(head.confirmed) + KEEP_SECONDS)}


@given(checkpoints)
def test_a_checkpoint_comes_back_whole(checkpoint: Checkpoint) -> None:
    assert parse_checkpoint(checkpoint_item("1/0x00", checkpoint)) == checkpoint


def test_keys() -> None:
    assert partition(8453, b"\x01" * 20) == "8453/0x" + "01" * 20
    assert (log_key("foo"), log_key("")) == ("log/foo", "log/")
    assert PageRef(b"\xab" * 16, bytes(16)).sort_key("foo") == f"page/foo/{'ab' * 16}"


def test_a_page_is_told_by_the_beginning_of_its_sha256() -> None:
    assert digest_of(b"").hex() == "e3b0c44298fc1c149afbf4c8996fb924"


@pytest.mark.parametrize(
    "change",
    [
        {"word": {"S": "x"}},
        {"head": {}},
        {"confirmed": {"S": "soon"}},
        {"confirmed": {"N": "soon"}},
        {"version": {"N": "1"}},
        {"pages": None},
        {"renew": {}},
    ],
    ids=repr,
)
def test_a_foreign_head_item_is_an_error_that_says_so(change: dict[str, Any]) -> None:
    with pytest.raises(StoreError, match="not dipmp's") as caught:
        parse_head({**HEAD.item("1/0x00", "foo"), **change})
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("missing", ["sk", "word", "head", "confirmed"])
def test_a_foreign_item_among_those_that_are_listed_is_an_error(missing: str) -> None:
    item = dict(HEAD.item("1/0x00", "foo"))
    del item[missing]
    with pytest.raises(StoreError, match="not dipmp's"):
        parse_stored(item)


@pytest.mark.parametrize(
    "change", [{"total": {"N": "x"}}, {"behind": {"L": [{}]}}, {"tip": {}}, {"owed": {}}], ids=repr
)
def test_a_foreign_checkpoint_is_an_error(change: dict[str, Any]) -> None:
    with pytest.raises(StoreError, match="not dipmp's"):
        parse_checkpoint({**checkpoint_item("1/0x00", CHECKPOINT), **change})


def test_times_are_kept_to_the_millisecond() -> None:
    item = replace(HEAD, confirmed=1_700_000_000.123456).item("1/0x00", "foo")
    assert item["confirmed"] == {"N": "1700000000123"}
    assert parse_head(item).confirmed == 1_700_000_000.123
