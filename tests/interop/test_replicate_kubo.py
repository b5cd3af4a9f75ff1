"""Replicating from a gateway, complete and not, to a real Kubo node."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from dipmp_lib.devnet.ipfs.blocks import BlockStore
from dipmp_lib.devnet.ipfs.server import BlockServer, serve_blocks
from dipmp_lib.http import Fetcher
from dipmp_lib.ipfs.cid import raw_cid
from dipmp_lib.ipfs.gateways import GatewayPool
from dipmp_lib.ipfs.pinning import pinner_from_uri
from dipmp_lib.progress import SilentReporter
from dipmp_lib.publish.replicate import ReplicaItem, Replicator
from dipmp_lib.transactions.journal import MemoryPinNotes
from tests.support.files.content import MIB, Sample, pattern, sample
from tests.support.programs.kubo import Kubo, running_kubo

pytestmark = pytest.mark.kubo


@pytest.fixture(scope="module")
def kubo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubo]:
    with running_kubo(tmp_path_factory.mktemp("kubo")) as node:
        yield node


@pytest.fixture
def source(tmp_path: Path) -> Iterator[BlockServer]:
    with serve_blocks(BlockStore(tmp_path / "blocks")) as server:
        yield server


def listed(source: BlockServer, size: int) -> tuple[Sample, ReplicaItem]:
    made = sample(pattern(size).read())
    source.store.import_car(io.BytesIO(b"".join(made.car())))
    return made, ReplicaItem(f"f{size}-1.tar.gz", made.root, made.dag.sha256, size)


def test_kubo_keeps_what_is_there_and_a_missing_block_is_said(kubo: Kubo, source: BlockServer) -> None:
    small, large, torn = (listed(source, size) for size in (11, 3 * MIB + 11, 4 * MIB + 11))
    leaf = raw_cid(torn[0].dag.leaf_digest(4))
    block = leaf.digest.hex()
    (source.store.path / "blocks" / block[:2] / block).unlink()
    gateways = GatewayPool([source.gateway_url], Fetcher())
    notes = MemoryPinNotes()
    items = [small[1], large[1], torn[1]]
    pinner = pinner_from_uri(f"kubo:{kubo.rpc_url}")
    outcome = Replicator(gateways.block, [pinner], notes).run(items, SilentReporter())
    assert (outcome.pinned, outcome.known) == (2, 0)
    [loss] = outcome.losses
    assert (loss.item, loss.pinner) == (torn[1], "")
    assert str(leaf) in loss.reason
    pins = kubo.run("pin", "ls", "--type=recursive")
    assert str(small[1].root) in pins
    assert str(large[1].root) in pins
    assert str(torn[1].root) not in pins
    # Somebody brings the block back: only that file is sent.
    source.store.import_car(io.BytesIO(b"".join(torn[0].car())))
    again = Replicator(GatewayPool([source.gateway_url], Fetcher()).block, [pinner], notes).run(items, SilentReporter())
    assert (again.pinned, again.known, again.losses) == (3, 2, ())
    assert str(torn[1].root) in kubo.run("pin", "ls", "--type=recursive")
