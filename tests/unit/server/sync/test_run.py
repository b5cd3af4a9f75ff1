"""Runs of sync over a simulated chain."""

import hashlib
import json

import pytest

from tests.support.fakes.aws import items
from tests.support.systems.sync import METADATA, SyncWorld

pytestmark = pytest.mark.slow


def test_the_first_run_keeps_everything(world: SyncWorld) -> None:
    summary = world.sync.run(60)
    assert (summary.complete, summary.read, summary.registries, summary.lag) == (True, 3, 1, 0)
    assert [world.kept(name) for name in ("", "foo", "bar")] == [(2, world.now)] * 3
    body = METADATA["foo-1.0-py3-none-any.whl"]
    assert world.objects.objects[f"metadata/{hashlib.sha256(body).hexdigest()}"][0] == body
    assert json.loads(json.dumps(summary.document()))["metadata"] == 1


def test_without_news_a_run_costs_two_calls_and_one_item(world: SyncWorld) -> None:
    world.sync.run(60)
    world.later(300)
    world.sim.reset()
    before = {(item["pk"]["S"], item["sk"]["S"]): item for item in items()}
    summary = world.cold().run(60)
    changed = [item["sk"]["S"] for item in items() if before.get((item["pk"]["S"], item["sk"]["S"])) != item]
    assert world.sim.calls.count("eth_call") == 2
    assert sorted(changed) == ["checkpoint", "log/"]
    assert summary.complete
    assert [world.kept(name)[1] for name in ("", "foo", "bar")] == [world.now] * 3


def test_a_run_out_of_time_leaves_the_rest_to_the_next(world: SyncWorld) -> None:
    for number in range(5):
        world.sim.release(world.model, f"p{number}", f"p{number}-1.0.tar.gz")
    first = world.sync.run(0)
    assert (first.read, first.left, first.complete, first.unconfirmed) == (1, 7, False, 1)
    world.later(300)
    second = world.cold().run(60)
    assert (second.read, second.left, second.unconfirmed) == (8, 0, 0)
    assert world.kept("p4") == (2, world.now)


def test_a_dead_chain_is_a_problem_and_the_lag_grows(world: SyncWorld) -> None:
    world.sync.run(60)
    kept = world.kept("foo")
    world.sim.offline = True
    world.later(900)
    summary = world.sync.run(60)
    assert (summary.complete, summary.lag, list(summary.problems)) == (False, 900, [str(world.at)])
    assert world.kept("foo") == kept
    world.sim.offline = False
    assert world.cold().run(60).lag == 0
