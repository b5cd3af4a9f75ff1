import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dipmp_lib.devnet.chain.statedb import StateDB
from dipmp_lib.errors import InvalidInput
from tests.support.waiting import HANGS


@pytest.fixture(params=["file", "memory"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StateDB]:
    opened = StateDB(tmp_path / "db" if request.param == "file" else None)
    yield opened
    opened.close()


def write_and_fail(db: StateDB, **values: bytes) -> None:
    """Write in a transaction, each in a batch inside it, and delete `old`, then raise ZeroDivisionError."""
    with db.transaction():
        for key, value in values.items():
            with db.atomic_batch() as batch:
                batch[key.encode()] = value
        db.delete(b"old")
        raise ZeroDivisionError


def test_reads_what_was_written(db: StateDB) -> None:
    db[b"a"] = b"1"
    assert db[b"a"] == b"1"
    assert b"a" in db
    assert db.exists(b"a")
    assert b"b" not in db
    with pytest.raises(KeyError):
        db[b"b"]


def test_an_empty_value_is_a_value(db: StateDB) -> None:
    db[b"a"] = b""
    assert db[b"a"] == b""
    with db.transaction():
        db[b"b"] = b""
        assert b"b" in db


def test_a_transaction_is_seen_inside_and_kept_after(db: StateDB) -> None:
    with db.transaction():
        db[b"a"] = b"1"
        db[b"a"] = b"2"
        assert db[b"a"] == b"2"
    assert db[b"a"] == b"2"


def test_an_exception_drops_everything(db: StateDB) -> None:
    db[b"old"] = b"1"
    with pytest.raises(ZeroDivisionError):
        write_and_fail(db, new=b"1", old=b"2")
    assert db[b"old"] == b"1"
    assert b"new" not in db


def test_deleting(db: StateDB) -> None:
    db[b"a"] = b"1"
    with db.transaction():
        del db[b"a"]
        assert b"a" not in db
    assert b"a" not in db
    db.delete(b"a")


def test_a_file_keeps_what_was_committed_and_nothing_else(tmp_path: Path) -> None:
    first = StateDB(tmp_path / "db")
    with first.transaction():
        first[b"kept"] = b"1"
    with pytest.raises(ZeroDivisionError):
        write_and_fail(first, lost=b"1")
    first.close()
    second = StateDB(tmp_path / "db")
    assert second[b"kept"] == b"1"
    assert b"lost" not in second
    second.close()


def test_readers_go_on_while_a_writer_is_busy(db: StateDB) -> None:
    db[b"a"] = b"1"
    seen: list[bytes] = []
    with db.transaction():
        db[b"b"] = b"1"
        reader = threading.Thread(target=lambda: seen.append(db[b"a"]))
        reader.start()
        reader.join(HANGS)
    assert seen == [b"1"]


def test_two_writers_take_turns(db: StateDB) -> None:
    def count_up() -> None:
        for _ in range(200):
            with db.transaction():
                db[b"n"] = (int.from_bytes(db.get(b"n", b"")) + 1).to_bytes(4)

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert int.from_bytes(db[b"n"]) == 800


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be mistaken for one. " * 50)
    with pytest.raises(InvalidInput, match="does not hold a chain"):
        StateDB(path)
