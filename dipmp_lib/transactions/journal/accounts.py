"""Journals of accounts: the state folder, an account's folder in it, its lock, and the journal that the lock guards."""

import fcntl
import os
import re
import time
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import platformdirs

from ...errors import JournalError
from ...model.names import checksum_address
from . import file as appending
from .journal import Journal, Record

VARIABLE = "DIPMP_STATE"


def state_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of all journals and notes: DIPMP_STATE, or the platform's folder for state."""
    chosen = environment.get(VARIABLE, "").strip()
    return Path(chosen).expanduser() if chosen else platformdirs.user_state_path("dipmp")


def account_folder(state: Path, chain_id: int, account: bytes) -> Path:
    """Return the folder of one account on one chain."""
    return state / f"{chain_id}-{checksum_address(account)}"


NAME = "lock"
_POLL_SECONDS = 0.2


class AccountLock:
    """The account's lock (flock), held until `close` or the end of the process, whatever ends it.

    `what` names the account in messages; with `wait` the constructor blocks while another process holds the lock,
    otherwise it raises JournalError.
    """

    def __init__(
        self, folder: Path, what: str, *, wait: bool = False, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        appending.make_folder(folder)
        path = folder / NAME
        descriptor = appending.open_growing(path)
        self._closing = weakref.finalize(self, os.close, descriptor)
        while not _taken(descriptor, path):
            if not wait:
                holder = _holder(descriptor)
                self.close()
                raise JournalError(
                    f"another dipmp{holder} is sending with {what}; nothing was sent",
                    hint="run it again when that one has finished, or with --wait to wait for it",
                )
            sleep(_POLL_SECONDS)
        with suppress(OSError):  # the process id is for another one's message only
            os.ftruncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())

    def close(self) -> None:
        """Release the lock."""
        self._closing()


def _taken(descriptor: int, path: Path) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise appending.unusable(path, error) from None
    return True


def _holder(descriptor: int) -> str:
    found = re.fullmatch(rb"[0-9]{1,10}", os.pread(descriptor, 16, 0))
    return f" (process {found[0].decode()})" if found else ""


class AccountJournal:
    """The journal in `folder`, locked until it is closed. Raises JournalError."""

    def __init__(self, folder: Path, what: str, *, wait: bool) -> None:
        self._lock = AccountLock(folder, what, wait=wait)
        self._journal = Journal(folder)

    def record(self, kind: str, /, **facts: str | int | None) -> None:
        """Add one record; it is on disk when this returns. Raises JournalError."""
        self._journal.record(kind, **facts)

    def records(self) -> tuple[Record, ...]:
        """Return all records, oldest first."""
        return self._journal.records()

    def close(self) -> None:
        """Release the account's lock."""
        self._journal.close()
        self._lock.close()


def account_journals(state: Path, *, wait: bool) -> Callable[[int, bytes], AccountJournal]:
    """Return a function that opens and locks the journal of an account on a chain (id), under `state`."""

    def opened(chain_id: int, account: bytes) -> AccountJournal:
        folder = account_folder(state, chain_id, account)
        return AccountJournal(folder, f"{checksum_address(account)} on chain {chain_id}", wait=wait)

    return opened
