"""Who keeps what so far: what the threads of a publish's pinners tell each other."""

import threading
from collections.abc import Sequence

from ..cid import Cid
from ..errors import PinnerError
from ..pinning import Pinner
from .uploads import Upload


class StoppedError(PinnerError):
    """The work is over; nobody hears this."""


class Holdings:
    """Safe to use from several threads. `failures` are by pinner's name, `fatal` is what no quorum makes good."""

    def __init__(self, uploads: Sequence[Upload], pinners: Sequence[Pinner], quorum: int) -> None:
        self.failures: dict[str, Exception] = {}
        self.fatal: Exception | None = None
        self._quorum = quorum
        self._held: dict[Cid, set[str]] = {upload.root: set() for upload in uploads}
        self._names = {pinner.name for pinner in pinners}
        self._senders = {pinner.name for pinner in pinners if not pinner.fetches}
        self._sending = set(self._senders)
        self._stopped = False
        self._changed = threading.Condition()

    def holds(self, pinner: Pinner, upload: Upload) -> None:
        """Note that a pinner keeps an upload."""
        with self._changed:
            self._held[upload.root].add(pinner.name)
            self._changed.notify_all()

    def count(self, upload: Upload) -> int:
        """Return how many pinners keep an upload."""
        with self._changed:
            return len(self._held[upload.root])

    def failed(self, pinner: Pinner, error: Exception) -> None:
        """Note that a pinner's part ended with an error."""
        with self._changed:
            if not isinstance(error, PinnerError):
                self.fatal = self.fatal or error
            elif not isinstance(error, StoppedError):
                self.failures[pinner.name] = error
            self._sending.discard(pinner.name)
            self._changed.notify_all()

    def finished(self, pinner: Pinner) -> None:
        """Note that a pinner's part is done."""
        with self._changed:
            self._sending.discard(pinner.name)
            self._changed.notify_all()

    @property
    def hopeless(self) -> bool:
        """Whether what is still to come cannot make the publish succeed."""
        with self._changed:
            if self.fatal is not None:
                return True
            left = self._names - set(self.failures)
            return any(len(held | left) < self._quorum for held in self._held.values())

    def stop(self) -> None:
        """Have the threads give up at the next occasion."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def check(self) -> None:
        """Raise StoppedError where the work is over."""
        if self._stopped:
            raise StoppedError("given up")

    def wait_for_source(self, upload: Upload) -> None:
        """Wait until a pinner that takes archives keeps an upload, if there is such a pinner. Raises PinnerError."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or not self._sending or self._sources(upload))
            if self._senders and not self._stopped and not self._sources(upload):
                raise PinnerError(f"no other pinner has {upload.label}, from which it could be fetched")

    def _sources(self, upload: Upload) -> set[str]:
        return self._held[upload.root] & self._senders
