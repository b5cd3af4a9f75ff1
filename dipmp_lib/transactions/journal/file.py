"""Append-only files: every addition is on disk before the call returns."""

import os
from pathlib import Path

from ...errors import JournalError

_PRIVATE_FILE, _PRIVATE_FOLDER = 0o600, 0o700
MAX_BYTES = 256 * 1024 * 1024


def make_folder(folder: Path) -> None:
    """Create a folder and its missing parents, mode 0700. Raises JournalError."""
    try:
        missing = [each for each in (folder, *folder.parents) if not each.exists()]
        for each in reversed(missing):
            each.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
            _sync_folder(each.parent)
    except OSError as error:
        raise unusable(folder, error) from None


def open_growing(path: Path) -> int:
    """Return a descriptor for reading and appending; a new file (mode 0600) is on disk by then. Raises JournalError."""
    try:
        is_new = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _PRIVATE_FILE)
        if is_new:
            _sync_folder(path.parent)
    except OSError as error:
        raise unusable(path, error) from None
    return descriptor


def read_all(descriptor: int, path: Path, start: int = 0) -> bytes:
    """Return all bytes from `start` on. Raises JournalError."""
    try:
        size = os.fstat(descriptor).st_size
        if size > MAX_BYTES:
            raise JournalError(f"{path} has {size:,} bytes, more than any journal", hint="move it away")
        return os.pread(descriptor, max(size - start, 0), start)
    except OSError as error:
        raise unusable(path, error) from None


def append(descriptor: int, path: Path, size: int, data: bytes) -> None:
    """Add `data` after the first `size` bytes of a file, and wait until it is on disk.

    Bytes beyond `size`, which a crash or a full disk left, are cut off. Raises JournalError, and adds nothing then.
    """
    try:
        if os.fstat(descriptor).st_size != size:
            os.ftruncate(descriptor, size)
        _write(descriptor, data)
        os.fsync(descriptor)
    except OSError as error:
        _cut(descriptor, size)
        raise unusable(path, error) from None


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _cut(descriptor: int, size: int) -> None:
    try:
        os.ftruncate(descriptor, size)
    except OSError:
        return  # a half-written line has no newline, and is cut off before the next one


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unusable(path: Path, error: OSError) -> JournalError:
    """Return a failure of the file system as a JournalError."""
    return JournalError(
        f"{path} cannot be used: {error.strerror}",
        hint="what is sent has to be written down first: make room or permission there, or set DIPMP_STATE",
    )
