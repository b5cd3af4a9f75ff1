"""What this machine sent and learnt, on disk before it counts: an append-only journal per account, its lock, and notes.

A record that `record` returned from survives a crash of the program and of the machine; one that was not is as if it
had never been.
"""

from .accounts import AccountJournal, AccountLock, account_books, account_folder, state_folder
from .journal import Facts, Journal, MemoryJournal, Record
from .notes import FileNotes

__all__ = [
    "AccountJournal",
    "AccountLock",
    "Facts",
    "FileNotes",
    "Journal",
    "MemoryJournal",
    "Record",
    "account_books",
    "account_folder",
    "state_folder",
]
