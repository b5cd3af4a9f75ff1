"""One publisher per account: two that sign with one key would use the same nonces."""

import fcntl
import os
import re
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..errors import JournalError
from . import appending

NAME = "lock"
_POLL_SECONDS = 0.2


class AccountLock:
    """Holds the account's lock (flock) from its making until `close`, or until the process ends, however it does.

    `what` names the account in messages; with `wait` it waits for as long as somebody else holds the lock. Raises
    JournalError.
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
        with suppress(OSError):  # it is for the other one's message only
            os.ftruncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())

    def close(self) -> None:
        """Let others have the lock."""
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
