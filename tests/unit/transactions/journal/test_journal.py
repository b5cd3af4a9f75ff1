"""The journal's lines: what is written is read, what was cut off is dropped, what was damaged is noticed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import JournalError
from dipmp_lib.transactions.journal import Record
from dipmp_lib.transactions.journal.journal import decode_all, encode

VALUES = st.one_of(st.none(), st.text(), st.integers(-(2**63), 2**63))
NAMES = st.text(min_size=1, max_size=20).filter(lambda name: name != "kind")
RECORDS = st.builds(Record, st.text(min_size=1, max_size=20), st.dictionaries(NAMES, VALUES, max_size=6))


@given(st.lists(RECORDS, max_size=8))
def test_what_is_written_is_read(records: list[Record]) -> None:
    data = b"".join(map(encode, records))
    assert decode_all(data) == (records, len(data))
    assert data.isascii()
    assert data.count(b"\n") == len(records)


@given(st.lists(RECORDS, max_size=4), RECORDS, st.data())
def test_a_last_line_that_was_cut_off_is_dropped(records: list[Record], last: Record, data: st.DataObject) -> None:
    whole = b"".join(map(encode, records))
    line = encode(last)
    cut = line[: data.draw(st.integers(0, len(line) - 1))]
    assert decode_all(whole + cut) == (records, len(whole))


@given(st.lists(RECORDS, min_size=1, max_size=4), st.data())
def test_any_other_damage_is_noticed(records: list[Record], data: st.DataObject) -> None:
    whole = bytearray(b"".join(map(encode, records)))
    place = data.draw(st.integers(0, len(whole) - 2))
    whole[place] ^= 1 << data.draw(st.integers(0, 7))
    try:
        found, size = decode_all(bytes(whole))
    except JournalError as error:
        assert "line" in str(error)  # noqa: PT017 - a blank inside a line changes nothing, and is no damage
    else:
        assert (found, size) == (records, len(whole))


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    try:
        _, size = decode_all(data)
    except JournalError:
        return
    assert b"\n" not in data[size:]


@pytest.mark.parametrize("value", [True, 1.5, [1], {"a": 1}])
def test_other_values_are_refused(value: object) -> None:
    line = encode(Record("x", {"a": value}))  # type: ignore[dict-item]
    with pytest.raises(JournalError, match="line 1 is not a record that this version writes"):
        decode_all(line)


def test_a_record_without_kind_is_refused() -> None:
    line = encode(Record("x", {}))
    outer = json.loads(line)
    assert outer["record"] == {"kind": "x"}
    with pytest.raises(JournalError, match="line 1 is damaged"):
        decode_all(line.replace(b'"kind"', b'"king"'))
