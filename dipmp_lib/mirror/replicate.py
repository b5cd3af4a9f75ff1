"""Having everything that a registry lists kept by more pinners, whoever published it."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Executor, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import BinaryIO

from ..cid import Cid
from ..errors import GatewayError, MalformedCar, PinnerError, PinnerRefused
from ..pinning import Pinner
from ..progress import Advance, Reporter
from ..publish.ports import Notes
from .contents import Item
from .spool import spool

JOBS = 4
GIVE_UP_AFTER = 3
"""Failures in a row with which a pinner counts as down."""
_CHUNK = 1 << 20
_IN_MEMORY = 1 << 20


@dataclass(frozen=True, slots=True)
class Loss:
    """An item that somebody does not have: `where` is the pinner, or "" for all gateways."""

    item: Item
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many roots are kept now by each pinner, of them how many were known to be before, and what is lost."""

    kept: int
    known: int
    losses: tuple[Loss, ...]


@dataclass
class Replicator:
    """Brings items to `pinners`, once. `block` gives verified blocks; `notes` say what need not be done `again`."""

    block: Callable[[Cid], bytes]
    pinners: Sequence[Pinner]
    notes: Notes
    again: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _losses: list[Loss] = field(default_factory=list)
    _failing: dict[str, int] = field(default_factory=dict)
    _kept: int = 0
    _known: int = 0

    def run(self, items: Sequence[Item], reporter: Reporter) -> Outcome:
        """Have all items kept, a few at a time. What goes wrong with one stops none of the others.

        Raises PinnerRefused where a pinner does not take the credentials, and StoreError.
        """
        total = sum(item.size or 0 for item in items)
        with (
            ThreadPoolExecutor(JOBS, thread_name_prefix="replicate") as workers,
            ThreadPoolExecutor(2 * JOBS, thread_name_prefix="ahead") as pool,
            reporter.task(f"Replicating {len(items)} roots", total) as advance,
        ):
            futures = [workers.submit(self._item, item, pool, advance) for item in items]
            try:
                done, _ = wait(futures, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
            finally:
                for future in futures:
                    future.cancel()
        return Outcome(
            self._kept, self._known, tuple(sorted(self._losses, key=lambda loss: (loss.item.label, loss.where)))
        )

    def _item(self, item: Item, pool: Executor, advance: Advance) -> None:
        missing = [pinner for pinner in self.pinners if self.again or not self.notes.known(_key(item, pinner))]
        if missing:
            self._replicate(item, sorted(missing, key=lambda pinner: pinner.fetches), pool)
        else:
            with self._lock:
                self._kept += 1
                self._known += 1
        advance(item.size or 0)

    def _replicate(self, item: Item, pinners: Sequence[Pinner], pool: Executor) -> None:
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as stream:
            try:
                length = spool(item, self.block, pool, stream)  # type: ignore[arg-type]  # a BinaryIO in all but name
            except (GatewayError, MalformedCar) as error:
                self._lose(Loss(item, "", str(error)))
                return
            kept = [self._pin(item, pinner, stream, length) for pinner in pinners]  # type: ignore[arg-type]
        if all(kept):
            with self._lock:
                self._kept += 1

    def _pin(self, item: Item, pinner: Pinner, stream: BinaryIO, length: int) -> bool:
        if self._failing.get(pinner.name, 0) >= GIVE_UP_AFTER:
            self._lose(Loss(item, pinner.name, f"was not tried: it failed {GIVE_UP_AFTER} times in a row"))
            return False
        try:
            pinner.pin(item.root, lambda: _pieces(stream), length)
        except PinnerRefused:
            raise
        except PinnerError as error:
            with self._lock:
                self._failing[pinner.name] = self._failing.get(pinner.name, 0) + 1
            self._lose(Loss(item, pinner.name, str(error)))
            return False
        self._failing[pinner.name] = 0
        self.notes.keep(_key(item, pinner), {"what": item.label, "bytes": length, "at": int(time.time())})
        return True

    def _lose(self, loss: Loss) -> None:
        with self._lock:
            self._losses.append(loss)


def _key(item: Item, pinner: Pinner) -> str:
    """Return the note of a pin, the same that a publish leaves."""
    return f"pin {item.root} {pinner.name}"


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(0)
    while piece := stream.read(_CHUNK):
        yield piece
