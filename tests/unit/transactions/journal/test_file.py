"""Journals, locks and notes on disk."""

import errno
import os
import stat
from pathlib import Path

import pytest

from dipmp_lib.errors import JournalError
from dipmp_lib.transactions.journal import AccountLock, FileNotes, Journal, account_books, account_folder, state_folder

ACCOUNT = bytes.fromhex("9ea010156bb6bff11956e236094f98effeb643fd")


def test_records_outlive_the_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a" / "b")
    journal.record("signed", nonce=1, raw="0x00")
    journal.record("ended", nonce=1)
    journal.close()
    again = Journal(tmp_path / "a" / "b")
    assert [record.kind for record in again.records()] == ["signed", "ended"]
    assert again.facts("signed") == ({"nonce": 1, "raw": "0x00"},)
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


def test_a_second_publisher_is_told_of_the_first(tmp_path: Path) -> None:
    first = AccountLock(tmp_path, "0xabc on chain 1")
    with pytest.raises(JournalError) as caught:
        AccountLock(tmp_path, "0xabc on chain 1")
    expected = f"another dipmp (process {os.getpid()}) is sending with 0xabc on chain 1; nothing was sent"
    assert str(caught.value) == expected
    assert "--wait" in caught.value.hint
    first.close()
    AccountLock(tmp_path, "").close()


def test_waiting_for_the_lock(tmp_path: Path) -> None:
    first = AccountLock(tmp_path, "")
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            first.close()

    AccountLock(tmp_path, "", wait=True, sleep=sleep).close()
    assert len(slept) == 3


def test_a_lock_that_nobody_holds_any_more_is_free(tmp_path: Path) -> None:
    AccountLock(tmp_path, "")
    AccountLock(tmp_path, "").close()


def test_an_account_is_locked_and_written_in_its_own_folder(tmp_path: Path) -> None:
    opened = account_books(tmp_path, wait=False)
    journal = opened(8453, ACCOUNT)
    journal.record("x", a=1)
    other = opened(1, ACCOUNT)
    with pytest.raises(JournalError, match="0x9eA010156bB6bfF11956e236094F98eFfeB643fD on chain 8453"):
        opened(8453, ACCOUNT)
    journal.close()
    assert opened(8453, ACCOUNT).facts("x") == ({"a": 1},)
    assert account_folder(tmp_path, 8453, ACCOUNT).name == "8453-0x9eA010156bB6bfF11956e236094F98eFfeB643fD"
    other.close()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot be used") as caught:
        Journal(tmp_path / "file" / "state")
    assert "DIPMP_STATE" in caught.value.hint


def test_the_state_folder_can_be_chosen(tmp_path: Path) -> None:
    assert state_folder({"DIPMP_STATE": str(tmp_path)}) == tmp_path
    assert state_folder({}).name == "dipmp"


def test_notes_are_shared(tmp_path: Path) -> None:
    mine, others = FileNotes(tmp_path / "state"), FileNotes(tmp_path / "state")
    assert not mine.known("pin a")
    assert not (tmp_path / "state").exists()
    mine.keep("pin a", {"pinner": "kubo"})
    others.keep("pin b", {})
    assert mine.known("pin a")
    assert FileNotes(tmp_path / "state").known("pin b")
    assert not others.known("pin c")


def test_notes_of_several_programs_stand_in_one_file(tmp_path: Path) -> None:
    one, other = FileNotes(tmp_path), FileNotes(tmp_path)
    for number in range(5):
        one.keep(f"one {number}", {})
        other.keep(f"other {number}", {})
    assert all(FileNotes(tmp_path).known(f"{who} {number}") for who in ("one", "other") for number in range(5))
    (tmp_path / "notes.jsonl").write_bytes(b"")
    one.keep("after somebody emptied it", {})
    assert FileNotes(tmp_path).known("after somebody emptied it")


def test_damaged_notes_are_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "notes.jsonl").write_bytes(b"garbage\n")
    notes = FileNotes(tmp_path)
    assert not notes.known("a")
    notes.keep("a", {})
    assert FileNotes(tmp_path).known("a")


def test_a_note_holds_for_a_day(tmp_path: Path) -> None:
    now = 1_700_000_000.0
    FileNotes(tmp_path, lambda: now).keep("a", {})
    assert FileNotes(tmp_path, lambda: now + 86_399).known("a")
    assert not FileNotes(tmp_path, lambda: now + 86_400).known("a")


def test_a_note_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    notes = FileNotes(tmp_path / "file" / "state")
    notes.keep("a", {})
    assert notes.known("a")
    assert not FileNotes(tmp_path / "file" / "state").known("a")
