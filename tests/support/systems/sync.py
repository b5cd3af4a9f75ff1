"""A sync of one registry: a simulated chain, DynamoDB by moto, objects and gateways in memory."""

import hashlib
from collections.abc import Iterator

from dipmp_lib.aws.archive import DynamoArchive
from dipmp_lib.aws.table import Table
from dipmp_lib.errors import GatewayError
from dipmp_lib.ipfs.cid import Cid
from dipmp_lib.model.chains import ChainIds
from dipmp_lib.registry import MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry
from dipmp_lib.server.large_pages import LargePages
from dipmp_lib.server.sync.logs import LogSync
from dipmp_lib.server.sync.objects import ObjectSync
from dipmp_lib.server.sync.run import Sync
from tests.support.fakes.aws import TABLE, fake_aws
from tests.support.fakes.chain import ChainSimulator
from tests.support.fakes.object_store import MemoryObjects
from tests.support.files.logs import record, release_payload

CHAIN_ID = 8453


METADATA = {f"foo-{n}.0-py3-none-any.whl": b"Name: foo\nVersion: %d.0\n" % n for n in range(1, 4)}


class Blocks:
    """Gateways that have some METADATA and files."""

    def __init__(self, *contents: bytes) -> None:
        self.blocks = {hashlib.sha256(content).digest(): content for content in contents}

    def block(self, cid: Cid, max_bytes: int) -> bytes:
        body = self.blocks.get(cid.digest)
        if body is None or len(body) > max_bytes:
            raise GatewayError(f"no gateway delivers {cid}")
        return body


class SyncWorld:
    """A chain with one registry, and a sync of it; `now` is unix time."""

    def __init__(self) -> None:
        self.sim = ChainSimulator(CHAIN_ID)
        self.model = self.sim.deploy()
        self.at = self.sim.address_of(self.model)
        self.now = 1_700_000_000.0
        self.monotonic = 1000.0
        self.archive = DynamoArchive(Table(TABLE), ChainIds(CHAIN_ID))
        self.objects = MemoryObjects()
        self.gateways = Blocks(*METADATA.values())
        self.sync = self.cold()

    def cold(self, **changes: object) -> Sync:
        """Return a sync whose process has just begun."""
        memory = MemoryLogStore(clock=lambda: self.now)
        chain = Chain(self.sim, CHAIN_ID)
        registry = ChainRegistry({"": chain}, memory, clock=lambda: self.monotonic)
        large = LargePages(self.objects, "https://pages.example", "https://index.example", ChainIds(CHAIN_ID))
        values: dict[str, object] = {
            "pinned": [self.at],
            "logs": LogSync(registry, memory, self.archive, clock=lambda: self.now),
            "memory": memory,
            "archive": self.archive,
            "objects": ObjectSync(self.objects, self.gateways, large),
            "clock": lambda: self.now,
        }
        return Sync(**(values | changes))  # type: ignore[arg-type]

    def wheel(self, filename: str) -> None:
        """Release a wheel of foo whose METADATA is one of METADATA."""
        file = record(filename, metadata_sha256=hashlib.sha256(METADATA[filename]).digest())
        self.sim.append(self.model, "foo", 0x01, release_payload([file]))

    def later(self, seconds: float) -> None:
        self.now += seconds
        self.monotonic += seconds

    def kept(self, name: str) -> tuple[int, float]:
        """Return how many entries of a log are kept, and when it was confirmed."""
        found = self.archive.load(self.at, name)
        return (len(found.log.blobs), found.confirmed) if found else (0, 0.0)


def sync_world() -> Iterator[SyncWorld]:
    """Yield a world whose registry has two projects, foo and bar; DynamoDB is moto's meanwhile."""
    with fake_aws():
        made = SyncWorld()
        made.wheel("foo-1.0-py3-none-any.whl")
        made.sim.release(made.model, "bar", "bar-1.0.tar.gz")
        yield made
