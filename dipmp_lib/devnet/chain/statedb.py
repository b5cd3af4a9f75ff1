"""Key-value store of the embedded EVM: one SQLite table, committed one block at a time.

py-evm writes trie nodes, receipts, headers and indexes one by one. `transaction()` collects them in memory and commits
them together, so that a process that dies leaves no block in parts. With `path=None` the database is in memory.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from eth.abc import AtomicWriteBatchAPI
from eth.db.backends.base import BaseAtomicDB

from ...errors import InvalidInput

_SCHEMA = "CREATE TABLE IF NOT EXISTS entry (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
_PUT = "INSERT OR REPLACE INTO entry VALUES (?, ?)"
_DELETE = "DELETE FROM entry WHERE key = ?"
_GET = "SELECT value FROM entry WHERE key = ?"


class StateDB(BaseAtomicDB):
    """A py-evm database in a file. Threads may read while one thread is inside `transaction()`.

    Raises InvalidInput where the file is no such database.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._pending: dict[bytes, bytes | None] = {}
        self._writer = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        try:
            # WAL with NORMAL: a killed process loses nothing that was committed, a power cut at most the last commits.
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute(_SCHEMA)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise InvalidInput(f"{path} does not hold a chain: {error}", hint="use another state directory") from error

    def __getitem__(self, key: bytes) -> bytes:
        pending = self._pending  # read once, as another thread may commit and replace it meanwhile
        if key in pending:
            value = pending[key]
        else:
            with self._lock:
                row = self._connection.execute(_GET, (key,)).fetchone()
            value = row[0] if row else None
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: bytes, value: bytes) -> None:
        with self.transaction():
            self._pending[key] = value

    def __delitem__(self, key: bytes) -> None:
        with self.transaction():
            self._pending[key] = None

    def _exists(self, key: bytes) -> bool:
        try:
            self[key]
        except KeyError:
            return False
        return True

    @contextmanager
    def atomic_batch(self) -> Iterator[AtomicWriteBatchAPI]:
        """Open a batch (py-evm's interface); one inside a transaction is committed with that."""
        with self.transaction():
            yield cast("AtomicWriteBatchAPI", self)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all writes inside at the end of the outermost transaction, or none if an exception leaves it."""
        with self._writer:
            self._depth += 1
            try:
                yield
                if self._depth == 1:
                    self._commit()
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._pending = {}

    def _commit(self) -> None:
        puts = [(key, value) for key, value in self._pending.items() if value is not None]
        deletes = [(key,) for key, value in self._pending.items() if value is None]
        with self._lock, self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(_PUT, puts)
            self._connection.executemany(_DELETE, deletes)

    def close(self) -> None:
        """Close the file. Reading or writing afterwards raises sqlite3.ProgrammingError."""
        with self._writer, self._lock:
            self._connection.close()
