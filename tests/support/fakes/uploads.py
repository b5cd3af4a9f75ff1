"""Uploads, gateways and a progress reporter for tests of pinning and retrieval."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from dipmp_lib.errors import GatewayError
from dipmp_lib.ipfs import unixfs
from dipmp_lib.ipfs.cid import Cid
from dipmp_lib.ipfs.gateways.request import WrongBytesError
from dipmp_lib.progress import Advance
from dipmp_lib.publish.uploads import Upload


def upload(data: bytes, label: str = "demo-1.0.tar.gz", *, listed: bool = False) -> Upload:
    """Make an upload of bytes in memory."""
    return Upload(label, unixfs.scan(io.BytesIO(data)), lambda: io.BytesIO(data), listed)


def blocks_of(file: Upload) -> dict[Cid, bytes]:
    """Return all of an upload's blocks."""
    return {block.cid: block.data for block in unixfs.blocks(file.dag, file.opener())}


@dataclass
class FakeGateway:
    """A gateway to `blocks` that fails the first `failures` times; with `lies` it sends wrong bytes."""

    name: str
    blocks: dict[Cid, bytes] = field(default_factory=dict)
    operator: str = "gateway.example"
    failures: int = 0
    lies: bool = False
    asked: list[Cid] = field(default_factory=list)

    def block(self, cid: Cid, max_bytes: int = 0) -> bytes:
        """Return a block."""
        self.asked.append(cid)
        if self.lies:
            raise WrongBytesError(f"{self.name} sent other bytes than those of the block")
        if self.failures > 0 or cid not in self.blocks:
            self.failures -= 1
            raise GatewayError(f"{self.name} answered 504")
        return self.blocks[cid]


@dataclass
class Recorder:
    """Implements Reporter: the progress of each task, the tasks that ended well, and the notes."""

    done: dict[str, int] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @contextmanager
    def task(self, label: str, total: int) -> Iterator[Advance]:
        """Record a task."""
        self.done[label], self.totals[label] = 0, total

        def advance(count: int) -> None:
            self.done[label] += count

        yield advance
        self.ended.append(label)

    def note(self, text: str) -> None:
        """Record a note."""
        self.notes.append(text)
