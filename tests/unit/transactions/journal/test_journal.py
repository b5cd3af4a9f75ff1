"""The journal: what is written is read, what was cut off is dropped, what was damaged is noticed."""

import errno
import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import JournalError
from dipmp_lib.transactions.journal import Journal, MemoryJournal, Record
from dipmp_lib.transactions.journal.journal import decode_all, encode

VALUES = st.one_of(st.none(), st.text(), st.integers(-(2**63), 2**63))
NAMES = st.text(min_size=1, max_size=20).filter(lambda name: name != "kind")
RECORDS = st.builds(Record, st.text(min_size=1, max_size=20), st.dictionaries(NAMES, VALUES, max_size=6))


@pytest.mark.slow
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


# ---- on disk


def test_records_outlive_the_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a" / "b")
    journal.record("signed", nonce=1, raw="0x00")
    journal.record("ended", nonce=1)
    journal.close()
    again = Journal(tmp_path / "a" / "b")
    assert [record.kind for record in again.records()] == ["signed", "ended"]
    assert again.records()[0] == Record("signed", {"nonce": 1, "raw": "0x00"})
    again.close()


def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "1-0x"
    Journal(folder).close()
    assert stat.S_IMODE((folder / "journal.jsonl").stat().st_mode) == 0o600
    assert {stat.S_IMODE(each.stat().st_mode) for each in (folder, folder.parent)} == {0o700}


def test_a_torn_line_is_cut_off_before_the_next(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.record("one")
    journal.close()
    path = tmp_path / "journal.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"record":{"kind":"tw')
    again = Journal(tmp_path)
    assert [record.kind for record in again.records()] == ["one"]
    again.record("three")
    again.close()
    assert path.read_bytes().startswith(whole)
    assert [record.kind for record in Journal(tmp_path).records()] == ["one", "three"]


def test_a_damaged_journal_stops_everything_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"garbage\n")
    with pytest.raises(JournalError, match=r"journal\.jsonl: line 1 is damaged; nothing was sent") as caught:
        Journal(tmp_path)
    assert "move the file away only when" in caught.value.hint
    assert path.read_bytes() == b"garbage\n"


def test_an_endless_journal_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "journal.jsonl").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(JournalError, match="more than any journal"):
        Journal(tmp_path)


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_P9_a_record_that_does_not_reach_the_disk_was_never_there(  # noqa: N802
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    journal = Journal(tmp_path)
    journal.record("one")
    path = tmp_path / "journal.jsonl"
    before = path.read_bytes()
    real = os.write

    def full(descriptor: int, data: bytes = b"") -> int:
        if call == "write" and len(data) > 10:
            return real(descriptor, data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(JournalError, match="cannot be used: No space left on device"):
            journal.record("two")
    assert path.read_bytes() == before
    assert [record.kind for record in journal.records()] == ["one"]
    journal.record("three")
    assert [record.kind for record in Journal(tmp_path).records()] == ["one", "three"]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot be used") as caught:
        Journal(tmp_path / "file" / "state")
    assert "DIPMP_STATE" in caught.value.hint


def test_a_journal_in_memory_has_its_records_in_order() -> None:
    journal = MemoryJournal()
    journal.record("signed", nonce=1)
    journal.record("ended", nonce=1, block=None)
    assert journal.records() == (Record("signed", {"nonce": 1}), Record("ended", {"nonce": 1, "block": None}))
    journal.close()
