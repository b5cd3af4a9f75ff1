"""Replicating: every root of a registry, from blocks that are there, missing, or not what they should be."""

import hashlib
import io
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from dipmp_lib.devnet.ipfs.blocks import BlockStore
from dipmp_lib.errors import GatewayError, MalformedCar, MalformedLog, PinnerError, PinnerRefused
from dipmp_lib.ipfs import unixfs
from dipmp_lib.ipfs.cid import DAG_PB, Cid, raw_cid
from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.model.pages import Status
from dipmp_lib.progress import SilentReporter
from dipmp_lib.publish.replicate import (
    GIVE_UP_AFTER,
    ReplicaItem,
    ReplicationResult,
    Replicator,
    contents,
    write_temporary_copy,
)
from dipmp_lib.transactions.journal import MemoryPinNotes
from tests.support.fakes.publishing import FakePinner
from tests.support.fakes.registry import REGISTRY, FakeRegistry, make_file, make_project
from tests.support.files.content import MIB, Sample, pattern, sample

SIZES = (1, MIB, MIB + 1, 3 * MIB + 5)


def content(size: int) -> Sample:
    return sample(pattern(size).read())


def item(made: Sample, label: str = "") -> ReplicaItem:
    return ReplicaItem(label or f"f{made.dag.size}-1.tar.gz", made.root, made.dag.sha256, made.dag.size)


def store_of(*samples: Sample) -> BlockStore:
    store = BlockStore()
    for made in samples:
        store.import_car(io.BytesIO(b"".join(made.car())))
    return store


def without(store: BlockStore, *missing: Cid) -> Callable[[Cid], bytes]:
    """A gateway that lacks some blocks."""

    def get(cid: Cid) -> bytes:
        if cid in missing:
            raise GatewayError(f"no gateway delivers {cid}")
        return store.get(cid)

    return get


def run(
    get: Callable[[Cid], bytes], items: list[ReplicaItem], *pinners: FakePinner, notes: MemoryPinNotes | None = None
) -> ReplicationResult:
    return Replicator(get, pinners, notes or MemoryPinNotes()).run(items, SilentReporter())


@pytest.mark.parametrize("size", SIZES)
def test_an_archive_is_what_a_publisher_would_send(size: int) -> None:
    made, stream = content(size), io.BytesIO()
    with ThreadPoolExecutor(4) as pool:
        length = write_temporary_copy(item(made), store_of(made).get, pool, stream)
    assert stream.getvalue() == b"".join(made.car())
    assert length == made.car_size


def test_every_pinner_gets_everything() -> None:
    samples = [content(size) for size in SIZES]
    one, two = FakePinner(name="one"), FakePinner(name="two", fetches=True)
    outcome = run(store_of(*samples).get, [item(made) for made in samples], two, one)
    assert (outcome.pinned, outcome.known, outcome.losses) == (len(SIZES), 0, ())
    assert set(one.roots) == set(two.roots) == {made.root for made in samples}


def test_what_is_missing_stops_nothing_else() -> None:
    good, torn, gone = content(5), content(2 * MIB), content(7)
    leaf = raw_cid(torn.dag.leaf_digest(1))
    pinner = FakePinner()
    outcome = run(without(store_of(good, torn), leaf), [item(torn), item(gone, "gone.whl"), item(good)], pinner)
    assert outcome.pinned == 1
    assert [(loss.item.label, loss.pinner) for loss in outcome.losses] == [("f2097152-1.tar.gz", ""), ("gone.whl", "")]
    assert str(leaf) in outcome.losses[0].reason
    assert pinner.roots == [good.root]  # nothing half was sent


def test_the_blocks_of_another_file() -> None:
    listed, other = content(9), content(2 * MIB)
    lie = ReplicaItem("lie.whl", other.root, listed.dag.sha256, other.dag.size)
    wrong_size = ReplicaItem("size.whl", other.root, other.dag.sha256, 5 * MIB)
    outcome = run(store_of(other).get, [lie, wrong_size], pinner := FakePinner())
    assert [loss.reason.partition("they are ")[2] for loss in outcome.losses] == ["not the listed file"] * 2
    assert pinner.events == []


@pytest.mark.slow
def test_a_small_dag_that_unfolds_without_end() -> None:
    leaf = bytes(1 << 10)
    node, size, cid = b"", len(leaf), raw_cid(hashlib.sha256(leaf).digest())
    blocks = {cid: leaf}
    for _ in range(5):
        links = tuple(unixfs.Link(cid, size) for _ in range(100))
        node = unixfs.encode_node(unixfs.FileNode(links=links, sizes=(size,) * 100))
        size, cid = size * 100, Cid(DAG_PB, hashlib.sha256(node).digest())
        blocks[cid] = node
    outcome = run(blocks.__getitem__, [ReplicaItem("bomb.whl", cid, bytes(32), 2 * MIB)], FakePinner())
    assert "far more than its" in outcome.losses[0].reason


def test_what_is_no_file() -> None:
    junk = b"not a node"
    root = Cid(DAG_PB, hashlib.sha256(junk).digest())
    outcome = run({root: junk}.__getitem__, [ReplicaItem("junk.whl", root, bytes(32), 2 * MIB)], FakePinner())
    assert len(outcome.losses) == 1


def test_it_goes_on_where_it_stopped() -> None:
    first, second, notes = content(5), content(6), MemoryPinNotes()
    store, pinner = store_of(first, second), FakePinner()
    run(without(store, second.root), [item(first), item(second)], pinner, notes=notes)
    outcome = run(store.get, [item(first), item(second)], pinner, notes=notes)
    assert (outcome.pinned, outcome.known) == (2, 1)
    assert pinner.roots == [first.root, second.root]
    again = Replicator(store.get, [pinner], notes, again=True).run([item(first)], SilentReporter())
    assert (again.pinned, again.known, pinner.roots[2:]) == (1, 0, [first.root])


def test_a_new_pinner_gets_what_the_old_one_has() -> None:
    made, notes = content(5), MemoryPinNotes()
    old, new = FakePinner(name="old"), FakePinner(name="new")
    run(store_of(made).get, [item(made)], old, notes=notes)
    outcome = run(store_of(made).get, [item(made)], old, new, notes=notes)
    assert (outcome.pinned, outcome.known, old.roots, new.roots) == (1, 0, [made.root], [made.root])


def test_a_pinner_that_fails() -> None:
    samples = [content(size) for size in range(1, 12)]
    bad = FakePinner(name="bad", failure=PinnerError("bad answered 500"))
    good = FakePinner(name="good")
    outcome = run(store_of(*samples).get, [item(made) for made in samples], bad, good)
    assert outcome.pinned == 0
    assert len(good.roots) == len(samples)
    assert {loss.pinner for loss in outcome.losses} == {"bad"}
    assert len(outcome.losses) == len(samples)
    assert GIVE_UP_AFTER <= len(bad.events) < len(samples)  # it is not tried for ever


def test_a_pinner_that_refuses_the_credentials_ends_it() -> None:
    made = content(5)
    with pytest.raises(PinnerRefused):
        run(store_of(made).get, [item(made)], FakePinner(failure=PinnerRefused("bad answered 401")))


@pytest.mark.slow
def test_a_large_file_takes_little_memory() -> None:
    made = content(48 * MIB)
    store = store_of(made)

    class Sink(FakePinner):
        def pin(self, root: Cid, archive: object, size: int) -> None:
            assert callable(archive)
            assert sum(map(len, archive())) == size

    file = item(made)
    del made
    tracemalloc.start()
    outcome = run(store.get, [file], Sink())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert outcome.pinned == 1
    assert peak < 16 * MIB


# ---- what a registry lists


def test_files_and_metadata_once_each() -> None:
    wheel, sdist = make_file("a-1-py3-none-any.whl", "1", size=9), make_file("a-1.tar.gz", "1", size=2 * MIB)
    twin = make_file("b-1-py3-none-any.whl", "1", sha256=wheel.sha256, size=9)
    found = contents(FakeRegistry(make_project("a", wheel, sdist), make_project("b", twin)), REGISTRY, SilentReporter())
    assert wheel.metadata_sha256
    assert twin.metadata_sha256
    assert sdist.dag_root
    assert [each.root for each in found.items] == [
        raw_cid(wheel.sha256),
        raw_cid(wheel.metadata_sha256),
        Cid(DAG_PB, sdist.dag_root),
        raw_cid(twin.metadata_sha256),
    ]


def test_quarantined_and_broken_projects_are_said() -> None:
    class Broken(FakeRegistry):
        def project(self, registry: RegistryAddress, name: ProjectName) -> object:  # type: ignore[override]
            if name == "c":
                raise MalformedLog("its head does not recompute")
            return super().project(registry, name)

    file = make_file("a-1.tar.gz", "1")
    registry = Broken(
        make_project("a", file),
        make_project("b", make_file("b-1.tar.gz", "1"), status=Status.QUARANTINED),
        make_project("c"),
        make_project("d", incomplete=True),
    )
    found = contents(registry, REGISTRY, SilentReporter())  # type: ignore[arg-type]
    assert [each.label for each in found.items] == ["a-1.tar.gz"]
    assert found.remarks == ("b is quarantined, so its files are left out",)
    assert found.unreadable == (
        "c cannot be read: its head does not recompute",
        "d has entries that this version of dipmp cannot read",
    )
    only = contents(registry, REGISTRY, SilentReporter(), [ProjectName("a")])  # type: ignore[arg-type]
    assert (len(only.items), only.remarks) == (1, ())


def test_malformed_car_is_what_walk_raises() -> None:
    with pytest.raises(MalformedCar):
        list(unixfs.walk(Cid(DAG_PB, bytes(32)), lambda _: b"junk"))
