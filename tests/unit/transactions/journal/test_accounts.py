"""Locks and journals of accounts: one process at a time, each account in its own folder."""

import os
from pathlib import Path

import pytest

from dipmp_lib.errors import JournalError
from dipmp_lib.transactions.journal import AccountLock, Record, account_folder, account_journals, state_folder

ACCOUNT = bytes.fromhex("9ea010156bb6bff11956e236094f98effeb643fd")


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
    opened = account_journals(tmp_path, wait=False)
    journal = opened(8453, ACCOUNT)
    journal.record("x", a=1)
    other = opened(1, ACCOUNT)
    with pytest.raises(JournalError, match="0x9eA010156bB6bfF11956e236094F98eFfeB643fD on chain 8453"):
        opened(8453, ACCOUNT)
    journal.close()
    assert opened(8453, ACCOUNT).records() == (Record("x", {"a": 1}),)
    assert account_folder(tmp_path, 8453, ACCOUNT).name == "8453-0x9eA010156bB6bfF11956e236094F98eFfeB643fD"
    other.close()


def test_the_state_folder_can_be_chosen(tmp_path: Path) -> None:
    assert state_folder({"DIPMP_STATE": str(tmp_path)}) == tmp_path
    assert state_folder({}).name == "dipmp"
