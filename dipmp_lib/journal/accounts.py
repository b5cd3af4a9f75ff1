"""Opening an account's journal: first the lock, then the file."""

from collections.abc import Callable
from pathlib import Path

from ..names import checksum_address
from .folders import account_folder
from .journal import Journal
from .lock import AccountLock
from .records import Facts, Record


class AccountJournal:
    """The journal in `folder`, held by a lock until it is closed. Raises JournalError."""

    def __init__(self, folder: Path, what: str, *, wait: bool) -> None:
        self._lock = AccountLock(folder, what, wait=wait)
        self._journal = Journal(folder)

    def record(self, kind: str, /, **facts: str | int | None) -> None:
        """Add one record; it is on disk when this returns. Raises JournalError."""
        self._journal.record(kind, **facts)

    def records(self) -> tuple[Record, ...]:
        """Return all records, oldest first."""
        return self._journal.records()

    def facts(self, kind: str) -> tuple[Facts, ...]:
        """Return the facts of all records of a kind, oldest first."""
        return self._journal.facts(kind)

    def close(self) -> None:
        """Let others send with the account's key."""
        self._journal.close()
        self._lock.close()


def account_books(state: Path, *, wait: bool) -> Callable[[int, bytes], AccountJournal]:
    """Return what opens the journal of an account on a chain (id), under `state`."""

    def opened(chain_id: int, account: bytes) -> AccountJournal:
        folder = account_folder(state, chain_id, account)
        return AccountJournal(folder, f"{checksum_address(account)} on chain {chain_id}", wait=wait)

    return opened
