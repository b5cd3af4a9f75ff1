"""Journals: an append-only file of records for each account and chain, its lock, and notes of pins.

A record is on disk when `record` returns, and survives a crash of the program and of the machine. One that was not
finished by then is dropped when the journal is read.
"""

from .accounts import AccountJournal, AccountLock, account_folder, account_journals, state_folder
from .journal import Facts, Journal, JournalPort, MemoryJournal, Record
from .notes import FilePinNotes, MemoryPinNotes, PinNotes

__all__ = [
    "AccountJournal",
    "AccountLock",
    "Facts",
    "FilePinNotes",
    "Journal",
    "JournalPort",
    "MemoryJournal",
    "MemoryPinNotes",
    "PinNotes",
    "Record",
    "account_folder",
    "account_journals",
    "state_folder",
]
