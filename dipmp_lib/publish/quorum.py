"""Bringing bytes to several pinners at once, until enough of them keep everything."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from ..errors import DipmpError, PinnerError, PinnerRefused
from ..ipfs.cid import Cid
from ..ipfs.pinning import Pinner
from ..progress import Advance, Reporter
from .uploads import PinNotes, Upload


class StoppedError(PinnerError):
    """The work is over; nobody hears this."""


class Quorum:
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


_LOOK_SECONDS = 0.2
"""How often the main thread looks up from waiting, so that Ctrl-C is heard."""


def pin_all(
    uploads: Sequence[Upload], pinners: Sequence[Pinner], reporter: Reporter, *, quorum: int, notes: PinNotes
) -> None:
    """Have every upload kept by every pinner, of which `quorum` have to succeed with all of them.

    Each pinner works in a thread of its own and stops at its first failure; one that fetches blocks itself waits for
    another to have them. What is noted as kept is not sent again. A failure that leaves enough pinners is told to the
    reporter. Raises PinnerError, PinnerRefused where that is all there is to it; PublishError where a file changed.
    """
    pinners = list({pinner.name: pinner for pinner in pinners}.values())
    holdings = Quorum(uploads, pinners, quorum)
    with _bars(pinners, uploads, reporter, holdings.failures) as advances:
        threads = [
            threading.Thread(
                target=_Work(pinner, uploads, holdings, notes, advances[pinner.name]).run,
                name=f"pinning at {pinner.name}",
                daemon=True,  # nobody waits for the last byte of an upload that is given up
            )
            for pinner in pinners
        ]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive() and not holdings.hopeless:
                    thread.join(_LOOK_SECONDS)
        finally:
            holdings.stop()
        _require_quorum(uploads, holdings, quorum)
    for name, error in holdings.failures.items():
        reporter.note(f"{name} does not have everything, but {quorum} others do: {error}")


class _Work:
    """One pinner's part, in a thread of its own."""

    def __init__(
        self, pinner: Pinner, uploads: Sequence[Upload], holdings: Quorum, notes: PinNotes, advance: Advance
    ) -> None:
        self._pinner, self._uploads = pinner, uploads
        self._holdings, self._notes, self._advance = holdings, notes, advance

    def run(self) -> None:
        """Pin everything; what goes wrong ends up in the holdings."""
        try:
            for upload in self._uploads:
                self._pin(upload)
        except Exception as error:  # noqa: BLE001 - a bug is raised in the main thread
            self._holdings.failed(self._pinner, error)
        else:
            self._holdings.finished(self._pinner)

    def _pin(self, upload: Upload) -> None:
        pinner = self._pinner
        key = f"pin {upload.root} {pinner.name}"
        # What is said of a node of one's own network may be of another one, which has its address now.
        known = pinner.operator != "" and not upload.listed and self._notes.known(key)
        if not known:
            if pinner.fetches:
                self._holdings.wait_for_source(upload)
            self._holdings.check()
            pinner.pin(upload.root, self._archive(upload), upload.car_size)
            self._notes.keep(key, {"what": upload.label, "bytes": upload.car_size})
        if known or pinner.fetches:
            self._advance(upload.car_size)
        self._holdings.holds(pinner, upload)

    def _archive(self, upload: Upload) -> Callable[[], Iterator[bytes]]:
        sent = 0

        def archive() -> Iterator[bytes]:
            nonlocal sent
            self._advance(-sent)
            sent = 0
            for piece in upload.archive():
                self._holdings.check()
                yield piece
                sent += len(piece)
                self._advance(len(piece))

        return archive


@contextmanager
def _bars(
    pinners: Sequence[Pinner], uploads: Sequence[Upload], reporter: Reporter, failures: Mapping[str, Exception]
) -> Iterator[dict[str, Advance]]:
    """Show one task per pinner; one that failed is not shown as done."""
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


def _require_quorum(uploads: Sequence[Upload], holdings: Quorum, quorum: int) -> None:
    if holdings.fatal is not None:
        raise holdings.fatal
    short = next((upload for upload in uploads if holdings.count(upload) < quorum), None)
    if short is None:
        return
    failures = holdings.failures
    kind = PinnerRefused if all(isinstance(error, PinnerRefused) for error in failures.values()) else PinnerError
    reasons = "; ".join(str(error) for error in failures.values())
    hints = [error.hint for error in failures.values() if isinstance(error, DipmpError) and error.hint]
    kept = f"{holdings.count(short)} of the {quorum} pinners that are needed" if quorum > 1 else "no pinner"
    raise kind(
        f"{short.label} is kept by {kept}, so nothing was written on chain: {reasons}",
        hint="; ".join(dict.fromkeys(hints)) or "check DIPMP_PINNER (or --pinner), then run it again",
    )
