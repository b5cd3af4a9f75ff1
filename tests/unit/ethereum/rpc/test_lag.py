"""Endpoints that are behind the others, and what is believed about who is."""

import threading
from collections.abc import Callable

import pytest

from dipmp_lib.errors import Reverted, RpcError, Upstream
from dipmp_lib.ethereum.rpc import LagMonitor, LagRules, Standing, agree
from dipmp_lib.telemetry import Event
from tests.support.fakes.clock import Clock
from tests.support.fakes.endpoints import Endpoint
from tests.support.fakes.telemetry import RecordedTelemetry
from tests.support.waiting import HANGS

NOW = 1_800_000_000


class Scene:
    """Endpoints whose newest blocks are so many seconds old; None says nothing of blocks."""

    def __init__(self, *ages: int | None) -> None:
        self.clock, self.told = Clock(), RecordedTelemetry()
        self.unix: Callable[[], float] = lambda: NOW + self.clock.now
        self.raw = [Endpoint(f"e{number}") for number in range(len(ages))]
        self.age(*ages)
        monitor = LagMonitor(self.raw, rules=LagRules(), clock=self.clock, now=self.unix, telemetry=self.told)
        self.monitored = monitor.monitored()

    def age(self, *ages: int | None) -> None:
        for endpoint, age in zip(self.raw, ages, strict=True):
            endpoint.block_time = None if age is None else int(self.unix()) - age

    def look(self) -> list[Standing]:
        """Let an endpoint answer when it is time to poll again, and wait for what the others say."""
        self.clock.now += 15.1
        standings = [endpoint.standing() for endpoint in self.monitored]
        next(e for e, standing in zip(self.monitored, standings, strict=True) if not standing).request("m", [])
        self.settle()
        return [endpoint.standing() for endpoint in self.monitored]

    @staticmethod
    def settle() -> None:
        for thread in threading.enumerate():
            if thread.name == "newest block":
                thread.join(HANGS)


GOOD, OUT = Standing.GOOD, Standing.EXCLUDED


@pytest.mark.parametrize(
    ("ages", "standings"),
    [
        ((2, 0, 4), [GOOD, GOOD, GOOD]),
        ((100, 0, 4), [OUT, GOOD, GOOD]),
        ((36, 0), [GOOD, GOOD]),  # three blocks of Ethereum
        ((100, 100), [GOOD, GOOD]),  # the chain stands still, or makes blocks on demand
        ((10_000, None), [GOOD, GOOD]),  # nobody to compare with
        ((12, -100_000, 12), [GOOD, GOOD, GOOD]),  # one pretends to be far ahead
        ((12, -14, 12), [GOOD, GOOD, GOOD]),  # as far as is believed
    ],
)
def test_who_is_excluded(ages: tuple[int, ...], standings: list[Standing]) -> None:
    scene = Scene(*ages)
    assert scene.look() == standings
    assert scene.told.count(Event.RPC_EXCLUDED) == standings.count(OUT)


def test_a_laggard_is_not_asked_until_it_has_caught_up() -> None:
    scene = Scene(100, 0)
    assert scene.look() == [OUT, GOOD]
    asked = list(scene.raw[0].calls)
    with pytest.raises(RpcError, match="e0 is 100 s behind the other endpoints"):
        scene.monitored[0].request("m", [])
    assert scene.raw[0].calls == asked
    scene.clock.now += 0.1
    scene.age(1, 0)
    assert scene.look() == [GOOD, GOOD]
    assert scene.monitored[0].request("m", []) == "answer"


def test_a_laggard_is_the_best_there_is_once_the_others_are_gone() -> None:
    scene = Scene(100, 0)
    assert scene.look() == [OUT, GOOD]
    scene.clock.now += 121
    assert scene.monitored[0].standing() is GOOD


def test_nobody_is_looked_at_more_than_needed() -> None:
    scene = Scene(0, 0)
    assert scene.look() == [GOOD, GOOD]
    for _ in range(20):
        scene.clock.now += 0.5
        scene.monitored[0].request("m", [])
    assert [endpoint.calls.count("eth_getBlockByNumber") for endpoint in scene.raw] == [1, 1]
    scene.raw[1].rank = OUT  # its breaker is open
    scene.look()
    assert [endpoint.calls.count("eth_getBlockByNumber") for endpoint in scene.raw] == [2, 1]


def test_in_an_outage_nobody_is_looked_at() -> None:
    scene = Scene(0, 0)
    for endpoint, failure in zip(scene.raw, (RpcError("down"), Reverted("no")), strict=True):
        endpoint.outcome = failure
    with pytest.raises(RpcError):
        scene.monitored[0].request("m", [])
    assert scene.raw[1].calls == []
    with pytest.raises(Reverted):  # which is an answer
        scene.monitored[1].request("m", [])
    scene.settle()
    assert "eth_getBlockByNumber" in scene.raw[1].calls


def test_agreement() -> None:
    told = RecordedTelemetry()
    a, b, c = Endpoint("a", "x"), Endpoint("b", RpcError("down")), Endpoint("c", "x")

    def ask(*endpoints: Endpoint) -> object:
        return agree(endpoints, lambda rpc: rpc.request("m", []), "it", witnesses=2, telemetry=told)

    assert ask(a, b, c) == "x"
    with pytest.raises(Upstream, match="too few endpoints could be asked for it"):
        ask(a, b)
    assert told.events == []
    c.outcome = "y"
    with pytest.raises(Upstream, match="endpoints disagree on it"):
        ask(a, b, c)
    assert (told.events, told.facts[0]["endpoint"]) == ([Event.RPC_DISAGREEMENT], "c")
