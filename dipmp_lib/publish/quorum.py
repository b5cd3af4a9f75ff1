"""Pinning at several services at once, of which a quorum has to keep every file."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from ..errors import DipmpError, PinnerError, PinnerRefused
from ..ipfs.cid import Cid
from ..ipfs.pinning import Pinner
from ..progress import Advance, Reporter
from ..transactions.journal import PinNotes
from .uploads import Upload


class StoppedError(PinnerError):
    """Ends a pinner's thread once the outcome is decided; it is never reported."""


class Quorum:
    """Counts which pinners keep which uploads; `required` of them have to keep all. Safe to use from several threads.

    `failures` has the errors by pinner's name; `fatal` is an error that ends the publish whatever the others do.
    """

    def __init__(self, uploads: Sequence[Upload], pinners: Sequence[Pinner], required: int) -> None:
        self.failures: dict[str, Exception] = {}
        self.fatal: Exception | None = None
        self._required = required
        self._pinned: dict[Cid, set[str]] = {upload.root: set() for upload in uploads}
        self._names = {pinner.name for pinner in pinners}
        self._senders = {pinner.name for pinner in pinners if not pinner.fetches}
        self._sending = set(self._senders)
        self._stopped = False
        self._changed = threading.Condition()

    def pinned(self, pinner: Pinner, upload: Upload) -> None:
        """Record that a pinner keeps an upload."""
        with self._changed:
            self._pinned[upload.root].add(pinner.name)
            self._changed.notify_all()

    def count(self, upload: Upload) -> int:
        """Return how many pinners keep an upload."""
        with self._changed:
            return len(self._pinned[upload.root])

    def failed(self, pinner: Pinner, error: Exception) -> None:
        """Record that a pinner ended with an error."""
        with self._changed:
            if not isinstance(error, PinnerError):
                self.fatal = self.fatal or error
            elif not isinstance(error, StoppedError):
                self.failures[pinner.name] = error
            self._sending.discard(pinner.name)
            self._changed.notify_all()

    def finished(self, pinner: Pinner) -> None:
        """Record that a pinner keeps everything."""
        with self._changed:
            self._sending.discard(pinner.name)
            self._changed.notify_all()

    @property
    def unreachable(self) -> bool:
        """Whether the quorum can no longer be reached."""
        with self._changed:
            if self.fatal is not None:
                return True
            left = self._names - set(self.failures)
            return any(len(pinned_by | left) < self._required for pinned_by in self._pinned.values())

    def stop(self) -> None:
        """Tell the pinners' threads to stop; they do so at their next `check`."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def check(self) -> None:
        """Raise StoppedError after `stop`."""
        if self._stopped:
            raise StoppedError("given up")

    def wait_for_source(self, upload: Upload) -> None:
        """Wait until a pinner that is sent archives keeps the upload; return at once without such a pinner.

        Raises PinnerError where all of them failed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or not self._sending or self._sources(upload))
            if self._senders and not self._stopped and not self._sources(upload):
                raise PinnerError(f"no other pinner has {upload.label}, from which it could be fetched")

    def _sources(self, upload: Upload) -> set[str]:
        return self._pinned[upload.root] & self._senders


_POLL_SECONDS = 0.2
"""Seconds between the main thread's checks for Ctrl-C and for a decided outcome."""


def pin_all(
    uploads: Sequence[Upload], pinners: Sequence[Pinner], reporter: Reporter, *, required: int, notes: PinNotes
) -> None:
    """Pin every upload at every pinner; at least `required` pinners have to keep all of them.

    Each pinner has a thread of its own and stops at its first failure; one that fetches blocks itself waits until
    another has them. Pins in `notes` are not sent again. A failure that leaves enough pinners becomes a note of the
    reporter. Raises PinnerError where too few are left, PinnerRefused if all of them refused the credentials, and
    PublishError where a file changed.
    """
    pinners = list({pinner.name: pinner for pinner in pinners}.values())
    quorum = Quorum(uploads, pinners, required)
    with _progress(pinners, uploads, reporter, quorum.failures) as advances:
        threads = [
            threading.Thread(
                target=_PinnerTask(pinner, uploads, quorum, notes, advances[pinner.name]).run,
                name=f"pinning at {pinner.name}",
                daemon=True,  # the process may end while an abandoned upload is still being sent
            )
            for pinner in pinners
        ]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive() and not quorum.unreachable:
                    thread.join(_POLL_SECONDS)
        finally:
            quorum.stop()
        _require_quorum(uploads, quorum, required)
    for name, error in quorum.failures.items():
        reporter.note(f"{name} does not have everything, but {required} others do: {error}")


class _PinnerTask:
    """All uploads to one pinner."""

    def __init__(
        self, pinner: Pinner, uploads: Sequence[Upload], quorum: Quorum, notes: PinNotes, advance: Advance
    ) -> None:
        self._pinner, self._uploads = pinner, uploads
        self._quorum, self._notes, self._advance = quorum, notes, advance

    def run(self) -> None:
        """Pin everything; an error is recorded in the quorum."""
        try:
            for upload in self._uploads:
                self._pin(upload)
        except Exception as error:  # noqa: BLE001 - a bug is raised in the main thread
            self._quorum.failed(self._pinner, error)
        else:
            self._quorum.finished(self._pinner)

    def _pin(self, upload: Upload) -> None:
        pinner = self._pinner
        key = f"pin {upload.root} {pinner.name}"
        # On a private network another node may have the address now, so its notes are not used.
        known = pinner.operator != "" and not upload.listed and self._notes.known(key)
        if not known:
            if pinner.fetches:
                self._quorum.wait_for_source(upload)
            self._quorum.check()
            pinner.pin(upload.root, self._archive(upload), upload.car_size)
            self._notes.keep(key, {"what": upload.label, "bytes": upload.car_size})
        if known or pinner.fetches:
            self._advance(upload.car_size)
        self._quorum.pinned(pinner, upload)

    def _archive(self, upload: Upload) -> Callable[[], Iterator[bytes]]:
        sent = 0

        def archive() -> Iterator[bytes]:
            nonlocal sent
            self._advance(-sent)
            sent = 0
            for piece in upload.archive():
                self._quorum.check()
                yield piece
                sent += len(piece)
                self._advance(len(piece))

        return archive


@contextmanager
def _progress(
    pinners: Sequence[Pinner], uploads: Sequence[Upload], reporter: Reporter, failures: Mapping[str, Exception]
) -> Iterator[dict[str, Advance]]:
    """Show one task per pinner; a failed one does not end as done."""
    total = sum(upload.car_size for upload in uploads)
    what = uploads[0].label if len(uploads) == 1 else f"{len(uploads)} files"
    tasks = {pinner.name: reporter.task(f"Pinning {what} ({pinner.name})", total) for pinner in pinners}
    raised: BaseException | None = None
    try:
        yield {name: task.__enter__() for name, task in tasks.items()}
    except BaseException as error:
        raised = error
        raise
    finally:
        for name, task in reversed(tasks.items()):
            ended = failures.get(name) or raised
            task.__exit__(type(ended) if ended else None, ended, None)


def _require_quorum(uploads: Sequence[Upload], quorum: Quorum, required: int) -> None:
    if quorum.fatal is not None:
        raise quorum.fatal
    short = next((upload for upload in uploads if quorum.count(upload) < required), None)
    if short is None:
        return
    failures = quorum.failures
    kind = PinnerRefused if all(isinstance(error, PinnerRefused) for error in failures.values()) else PinnerError
    reasons = "; ".join(str(error) for error in failures.values())
    hints = [error.hint for error in failures.values() if isinstance(error, DipmpError) and error.hint]
    kept = f"{quorum.count(short)} of the {required} pinners that are needed" if required > 1 else "no pinner"
    raise kind(
        f"{short.label} is kept by {kept}, so nothing was written on chain: {reasons}",
        hint="; ".join(dict.fromkeys(hints)) or "check DIPMP_PINNER (or --pinner), then run it again",
    )
