"""Files that only grow: private, durable, and cut back to what counts."""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from dipmp_lib.errors import JournalError
from dipmp_lib.transactions.journal import file as appending


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lines"


@pytest.fixture
def descriptor(path: Path) -> Iterator[int]:
    opened = appending.open_growing(path)
    yield opened
    os.close(opened)


def test_what_is_appended_is_read(path: Path, descriptor: int) -> None:
    appending.append(descriptor, path, 0, b"one\n")
    appending.append(descriptor, path, 4, b"two\n")
    assert appending.read_all(descriptor, path) == b"one\ntwo\n"
    assert appending.read_all(descriptor, path, 4) == b"two\n"
    assert appending.read_all(descriptor, path, 99) == b""


def test_bytes_that_do_not_count_are_cut_off_first(path: Path, descriptor: int) -> None:
    path.write_bytes(b"one\ntw")
    appending.append(descriptor, path, 4, b"three\n")
    assert path.read_bytes() == b"one\nthree\n"


def test_an_opened_file_keeps_what_it_has(path: Path) -> None:
    path.write_bytes(b"one\n")
    os.close(appending.open_growing(path))
    assert path.read_bytes() == b"one\n"


def test_short_writes_are_gone_on_with(path: Path, descriptor: int, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda to, data: real(to, data[:3]))
    appending.append(descriptor, path, 0, b"0123456789\n")
    assert path.read_bytes() == b"0123456789\n"


def test_nothing_is_added_where_the_disk_is_full(path: Path, descriptor: int, monkeypatch: pytest.MonkeyPatch) -> None:
    appending.append(descriptor, path, 0, b"one\n")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(JournalError, match="lines cannot be used: No space left on device") as caught:
        appending.append(descriptor, path, 4, b"two\n")
    assert "DIPMP_STATE" in caught.value.hint
    assert path.read_bytes() == b"one\n"


def test_a_file_that_cannot_be_cut_back_is_reported_all_the_same(
    path: Path, descriptor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    monkeypatch.setattr(os, "ftruncate", broken)
    with pytest.raises(JournalError, match="Input/output error"):
        appending.append(descriptor, path, 0, b"one\n")


def test_folders_are_made_for_the_user_alone_and_only_where_missing(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir(mode=0o755)
    appending.make_folder(there / "a" / "b")
    appending.make_folder(there / "a" / "b")
    assert stat.S_IMODE((there / "a" / "b").stat().st_mode) == 0o700
    assert stat.S_IMODE((there / "a").stat().st_mode) == 0o700
    assert stat.S_IMODE(there.stat().st_mode) == 0o755


def test_a_file_in_a_folder_that_is_missing_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be used"):
        appending.open_growing(tmp_path / "none" / "lines")


def test_more_bytes_than_any_journal_has_are_not_read(path: Path, descriptor: int) -> None:
    os.truncate(path, appending.MAX_BYTES + 1)
    with pytest.raises(JournalError, match="more than any journal"):
        appending.read_all(descriptor, path)
