"""Having everything that a registry lists kept by more pinners, whoever published it."""

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
from .uploads import PinNotes


@dataclass(frozen=True, slots=True)
class ReplicaItem:
    """A file, or a METADATA: its root, the sha256 of its bytes, and how many they are, None where nothing says it."""

    label: str
    root: Cid
    sha256: bytes
    size: int | None


@dataclass(frozen=True, slots=True)
class RegistryContents:
    """Each root once; as sentences what is left out on purpose, and why projects cannot be read."""

    items: tuple[ReplicaItem, ...]
    remarks: tuple[str, ...]
    unreadable: tuple[str, ...]


def contents(
    registry: Registry, address: RegistryAddress, reporter: Reporter, only: Sequence[ProjectName] = ()
) -> RegistryContents:
    """Read the whole registry, or some of its projects; one with a broken log stops none of the others.

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


def spool(item: ReplicaItem, fetch: Callable[[Cid], bytes], pool: Executor, stream: BinaryIO) -> int:
    """Write the archive of `item` and return its length. `fetch` gives verified blocks.

    Raises GatewayError where a block cannot be had or the blocks are not the listed file, MalformedCar where they are
    no file at all, StoreError where the disk does not take them.
    """
    # Small blocks and links make an archive longer than its file, but never by much in any usual profile.
    size = item.size or 0
    limit = size + size // 8 + _SLACK
    length = 0
    with closing(ReadAhead(fetch, pool)) as ahead:
        for piece in car.write(item.root, _whole(item, ahead.get)):
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


def _whole(item: ReplicaItem, get: Callable[[Cid], bytes]) -> Iterator[Block]:
    digest, size = hashlib.sha256(), 0
    for block in unixfs.walk(item.root, get):
        data = block.data if block.cid.codec == RAW else unixfs.decode_node(block.data).data
        digest.update(data)
        size += len(data)
        yield block
    if digest.digest() != item.sha256 or item.size not in (None, size):
        raise GatewayError(f"the blocks of {item.label} are there, but they are not the listed file", hint=_HINT)


class ReadAhead:
    """Gets blocks, and the next few leaves of a node meanwhile."""

    def __init__(self, fetch: Callable[[Cid], bytes], pool: Executor) -> None:
        self._fetch, self._pool = fetch, pool
        self._coming: deque[Cid] = deque()
        self._running: dict[Cid, Future[bytes]] = {}

    def get(self, cid: Cid) -> bytes:
        """Return a block. Raises what the fetching raises, and MalformedCar for a node that is none."""
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
        """Drop what was fetched ahead."""
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
    """An item that somebody does not have: `where` is the pinner, or "" for all gateways."""

    item: ReplicaItem
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReplicationResult:
    """How many roots are kept now by each pinner, of them how many were known to be before, and what is lost."""

    kept: int
    known: int
    losses: tuple[Loss, ...]


@dataclass
class Replicator:
    """Brings items to `pinners`, once. `block` gives verified blocks; `notes` say what need not be done `again`."""

    block: Callable[[Cid], bytes]
    pinners: Sequence[Pinner]
    notes: PinNotes
    again: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _losses: list[Loss] = field(default_factory=list)
    _failing: dict[str, int] = field(default_factory=dict)
    _kept: int = 0
    _known: int = 0

    def run(self, items: Sequence[ReplicaItem], reporter: Reporter) -> ReplicationResult:
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
        return ReplicationResult(
            self._kept, self._known, tuple(sorted(self._losses, key=lambda loss: (loss.item.label, loss.where)))
        )

    def _item(self, item: ReplicaItem, pool: Executor, advance: Advance) -> None:
        missing = [pinner for pinner in self.pinners if self.again or not self.notes.known(_key(item, pinner))]
        if missing:
            self._replicate(item, sorted(missing, key=lambda pinner: pinner.fetches), pool)
        else:
            with self._lock:
                self._kept += 1
                self._known += 1
        advance(item.size or 0)

    def _replicate(self, item: ReplicaItem, pinners: Sequence[Pinner], pool: Executor) -> None:
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

    def _pin(self, item: ReplicaItem, pinner: Pinner, stream: BinaryIO, length: int) -> bool:
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


def _key(item: ReplicaItem, pinner: Pinner) -> str:
    """Return the note of a pin, the same that a publish leaves."""
    return f"pin {item.root} {pinner.name}"


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(0)
    while piece := stream.read(_CHUNK):
        yield piece
