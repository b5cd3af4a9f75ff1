"""Replication: pin every file that a registry lists at more pinners, whoever published it."""

import hashlib
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Executor, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from typing import BinaryIO

from ..errors import GatewayError, Malformed, MalformedCar, PinnerError, PinnerRefused, StoreError
from ..ipfs import car, unixfs
from ..ipfs.cid import DAG_PB, RAW, Block, Cid, file_cid, raw_cid
from ..ipfs.pinning import Pinner
from ..model.names import ProjectName, RegistryAddress
from ..model.pages import File, Project, Status
from ..progress import Advance, Reporter
from ..registry.port import Registry
from ..transactions.journal import PinNotes


@dataclass(frozen=True, slots=True)
class ReplicaItem:
    """A file or a METADATA file: its root CID, the sha256 of its bytes, and its size in bytes, None if not listed."""

    label: str
    root: Cid
    sha256: bytes
    size: int | None


@dataclass(frozen=True, slots=True)
class RegistryContents:
    """The items of a registry, each root once; `remarks` and `unreadable` are sentences about what is left out."""

    items: tuple[ReplicaItem, ...]
    remarks: tuple[str, ...]
    unreadable: tuple[str, ...]


def contents(
    registry: Registry, address: RegistryAddress, reporter: Reporter, only: Sequence[ProjectName] = ()
) -> RegistryContents:
    """Return the items of the whole registry, or of `only` some projects; a broken log stops no other project.

    Raises as the Registry port says.
    """
    names = only or registry.project_list(address).names
    found: dict[Cid, ReplicaItem] = {}
    remarks: list[str] = []
    unreadable: list[str] = []
    with reporter.task(f"Reading {len(names)} projects", len(names)) as advance:
        for name in names:
            try:
                project = registry.project(address, name)
            except Malformed as error:
                unreadable.append(f"{name} cannot be read: {error}")
                continue
            if project.status is Status.QUARANTINED:
                remarks.append(f"{name} is quarantined, so its files are left out")
            else:
                for item in _items(project):
                    found.setdefault(item.root, item)
            if project.incomplete:
                unreadable.append(f"{name} has entries that this version of dipmp cannot read")
            advance(1)
    return RegistryContents(tuple(found.values()), tuple(remarks), tuple(unreadable))


def _items(project: Project) -> Iterator[ReplicaItem]:
    for file in project.files:
        yield _file(file)
        if file.metadata_sha256 is not None:
            label = f"{file.filename}.metadata"
            yield ReplicaItem(label, raw_cid(file.metadata_sha256), file.metadata_sha256, None)


def _file(file: File) -> ReplicaItem:
    return ReplicaItem(file.filename, file_cid(file.sha256, file.dag_root), file.sha256, file.size)


AHEAD = 4
_SLACK = 4 << 20
_HINT = "its publisher has to publish it again, under a new version"


def write_temporary_copy(item: ReplicaItem, fetch: Callable[[Cid], bytes], pool: Executor, stream: BinaryIO) -> int:
    """Write the CAR archive of `item` to `stream`, and return its length in bytes. `fetch` returns verified blocks.

    Raises GatewayError where a block is missing or the blocks are not the listed file, MalformedCar where they are
    not a UnixFS file, StoreError where the disk is full or broken.
    """
    # Small blocks and links make an archive longer than its file, but never by much in any usual profile.
    size = item.size or 0
    limit = size + size // 8 + _SLACK
    length = 0
    with closing(ReadAhead(fetch, pool)) as ahead:
        for piece in car.write(item.root, _verified_blocks(item, ahead.get)):
            length += len(piece)
            if length > limit:
                raise GatewayError(f"the blocks of {item.label} are far more than its {size} bytes", hint=_HINT)
            try:
                stream.write(piece)
            except OSError as error:
                raise StoreError(
                    f"the archive of {item.label} cannot be written: {error.strerror}",
                    hint="make room in the folder for temporary files (TMPDIR)",
                ) from error
    return length


def _verified_blocks(item: ReplicaItem, get: Callable[[Cid], bytes]) -> Iterator[Block]:
    digest, size = hashlib.sha256(), 0
    for block in unixfs.walk(item.root, get):
        data = block.data if block.cid.codec == RAW else unixfs.decode_node(block.data).data
        digest.update(data)
        size += len(data)
        yield block
    if digest.digest() != item.sha256 or item.size not in (None, size):
        raise GatewayError(f"the blocks of {item.label} are there, but they are not the listed file", hint=_HINT)


class ReadAhead:
    """Fetches blocks in the order of a walk, and the next `AHEAD` of them in the background."""

    def __init__(self, fetch: Callable[[Cid], bytes], pool: Executor) -> None:
        self._fetch, self._pool = fetch, pool
        self._coming: deque[Cid] = deque()
        self._running: dict[Cid, Future[bytes]] = {}

    def get(self, cid: Cid) -> bytes:
        """Return a block. Raises as `fetch` does, and MalformedCar for bytes that are no UnixFS node."""
        future = self._running.pop(cid, None)
        data = self._fetch(cid) if future is None else future.result()
        if cid.codec == DAG_PB:
            self._coming.extendleft(link.cid for link in reversed(unixfs.decode_node(data).links))
        while self._coming and len(self._running) < AHEAD:
            following = self._coming.popleft()
            if following not in self._running:
                self._running[following] = self._pool.submit(self._fetch, following)
        return data

    def close(self) -> None:
        """Cancel the fetches in the background."""
        self._coming.clear()
        for future in self._running.values():
            future.cancel()


JOBS = 4
GIVE_UP_AFTER = 3
"""Failures in a row with which a pinner counts as down."""
_CHUNK = 1 << 20
_IN_MEMORY = 1 << 20


@dataclass(frozen=True, slots=True)
class Loss:
    """An item that was not pinned: `pinner` is the service's name, or "" where no gateway delivers the item."""

    item: ReplicaItem
    pinner: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReplicationResult:
    """The number of roots that all pinners keep, how many of these were noted before the run, and the losses."""

    pinned: int
    known: int
    losses: tuple[Loss, ...]


@dataclass
class Replicator:
    """Pins items at `pinners`. `block` returns verified blocks; with `again` the pins in `notes` are repeated."""

    block: Callable[[Cid], bytes]
    pinners: Sequence[Pinner]
    notes: PinNotes
    again: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _losses: list[Loss] = field(default_factory=list)
    _failing: dict[str, int] = field(default_factory=dict)
    _pinned: int = 0
    _known: int = 0

    def run(self, items: Sequence[ReplicaItem], reporter: Reporter) -> ReplicationResult:
        """Pin all items, `JOBS` at a time; a failed item stops no other.

        Raises PinnerRefused where a pinner refuses the credentials, and StoreError.
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
        return ReplicationResult(
            self._pinned, self._known, tuple(sorted(self._losses, key=lambda loss: (loss.item.label, loss.pinner)))
        )

    def _item(self, item: ReplicaItem, pool: Executor, advance: Advance) -> None:
        missing = [pinner for pinner in self.pinners if self.again or not self.notes.known(_key(item, pinner))]
        if missing:
            self._replicate(item, sorted(missing, key=lambda pinner: pinner.fetches), pool)
        else:
            with self._lock:
                self._pinned += 1
                self._known += 1
        advance(item.size or 0)

    def _replicate(self, item: ReplicaItem, pinners: Sequence[Pinner], pool: Executor) -> None:
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as stream:
            try:
                # A BinaryIO in all but name.
                length = write_temporary_copy(item, self.block, pool, stream)  # type: ignore[arg-type]
            except (GatewayError, MalformedCar) as error:
                self._add_loss(Loss(item, "", str(error)))
                return
            pinned = [self._pin(item, pinner, stream, length) for pinner in pinners]  # type: ignore[arg-type]
        if all(pinned):
            with self._lock:
                self._pinned += 1

    def _pin(self, item: ReplicaItem, pinner: Pinner, stream: BinaryIO, length: int) -> bool:
        if self._failing.get(pinner.name, 0) >= GIVE_UP_AFTER:
            self._add_loss(Loss(item, pinner.name, f"was not tried: it failed {GIVE_UP_AFTER} times in a row"))
            return False
        try:
            pinner.pin(item.root, lambda: _pieces(stream), length)
        except PinnerRefused:
            raise
        except PinnerError as error:
            with self._lock:
                self._failing[pinner.name] = self._failing.get(pinner.name, 0) + 1
            self._add_loss(Loss(item, pinner.name, str(error)))
            return False
        self._failing[pinner.name] = 0
        self.notes.keep(_key(item, pinner), {"what": item.label, "bytes": length, "at": int(time.time())})
        return True

    def _add_loss(self, loss: Loss) -> None:
        with self._lock:
            self._losses.append(loss)


def _key(item: ReplicaItem, pinner: Pinner) -> str:
    """Return the key of a pin's note, the same as in a publish."""
    return f"pin {item.root} {pinner.name}"


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(0)
    while piece := stream.read(_CHUNK):
        yield piece
