"""Logs that sync reads: only the changed ones, and what a lag, a lie or a reorganisation does to what is archived."""

import pytest

from tests.support.systems.sync import SyncWorld

pytestmark = pytest.mark.slow


def test_only_what_changed_is_read(world: SyncWorld) -> None:
    world.sync.run(60)
    world.later(300)
    world.wheel("foo-2.0-py3-none-any.whl")
    world.sim.release(world.model, "new", "new-1.0.tar.gz")
    world.sim.reset()
    summary = world.sync.run(60)
    assert summary.read == 3
    assert [world.kept(name) for name in ("foo", "bar", "new")] == [(3, world.now), (2, world.now), (2, world.now)]
    assert world.sim.calls.count("eth_call") == 4
    assert summary.metadata == 1


def test_a_log_that_cannot_be_read_is_not_taken_for_confirmed_and_the_others_are(world: SyncWorld) -> None:
    world.sync.run(60)
    began = world.now
    world.later(300)
    world.wheel("foo-2.0-py3-none-any.whl")
    world.sim.lie = lambda answer: (answer[0], b"\x07" * 32, *answer[2:]) if _is_foo(world, answer[0]) else answer
    summary = world.sync.run(60)
    assert list(summary.problems) == [f"{world.at}/foo"]
    assert [world.kept(name) for name in ("foo", "bar")] == [(2, began), (2, world.now)]
    world.sim.lie = None
    world.later(300)
    world.sync.run(60)
    assert world.kept("foo") == (3, world.now)


def _is_foo(world: SyncWorld, slot_a: int) -> bool:
    return slot_a >> 192 & (1 << 48) - 1 == len(world.model.blobs)


def test_R9_reorg_after_publish_another_history_replaces_what_is_kept(world: SyncWorld) -> None:  # noqa: N802
    """R9: what was kept as latest is orphaned; the next run keeps what the chain has now."""
    other = world.sim.fork()
    world.wheel("foo-2.0-py3-none-any.whl")
    world.sync.run(60)
    orphaned = world.archive.load(world.at, "foo")
    assert orphaned is not None
    other.release(other.registries[world.at.address], "foo", "foo-3.0.tar.gz")
    world.sim.reorganise_to(other)
    world.later(300)
    world.cold().run(60)
    kept = world.archive.load(world.at, "foo")
    assert kept is not None
    assert (len(kept.log.blobs), kept.confirmed) == (3, world.now)
    assert kept.log.head != orphaned.log.head


def test_R9_reorg_after_publish_a_dropped_release_is_unlearned_once_it_is_no_lag(world: SyncWorld) -> None:  # noqa: N802
    other = world.sim.fork()
    world.wheel("foo-2.0-py3-none-any.whl")
    world.sync.run(60)
    confirmed = world.now
    world.sim.reorganise_to(other)
    world.later(60)
    world.sync.run(60)
    assert world.kept("foo")[0] == 3  # it may be lag: kept, and not confirmed anew
    assert world.kept("foo")[1] == confirmed
    world.later(180)
    world.sync.run(60)
    world.later(180)
    world.sync.run(60)
    assert world.kept("foo") == (2, world.now)
