"""Breakers: when they open, whose failures count, and the way back."""

import threading

import pytest

from dipmp_lib.errors import DipmpError, Exhausted, MalformedAnswer, Reverted, RpcError
from dipmp_lib.ethereum.rpc import Breaker, BreakerRules, Standing
from dipmp_lib.telemetry import Event
from tests.support.fakes.clock import Clock
from tests.support.fakes.endpoints import Endpoint
from tests.support.fakes.telemetry import RecordedTelemetry


class Scene:
    def __init__(self, outcome: object = "answer", **rules: float) -> None:
        self.clock, self.told, self.endpoint = Clock(), RecordedTelemetry(), Endpoint("e", outcome)
        self.breaker = Breaker(self.endpoint, rules=BreakerRules(**rules), clock=self.clock, telemetry=self.told)  # type: ignore[arg-type]

    def ask(self, outcome: object = None) -> None:
        if outcome is not None:
            self.endpoint.outcome = outcome
        if isinstance(self.endpoint.outcome, DipmpError):
            with pytest.raises(type(self.endpoint.outcome)):
                self.breaker.request("m", [])
        else:
            assert self.breaker.request("m", []) == self.endpoint.outcome


def test_it_opens_at_five_failures_in_a_row() -> None:
    scene = Scene()
    for outcome in [RpcError("1"), MalformedAnswer("2"), RpcError("3"), RpcError("4")]:
        scene.ask(outcome)
        assert scene.breaker.standing() is Standing.DOUBTED
    scene.ask("answer")
    for _ in range(5):
        assert scene.breaker.standing() is not Standing.EXCLUDED
        scene.ask(RpcError("down"))
    assert scene.breaker.standing() is Standing.EXCLUDED
    asked = len(scene.endpoint.calls)
    with pytest.raises(RpcError, match="e failed too often"):
        scene.breaker.request("m", [])
    assert len(scene.endpoint.calls) == asked
    assert (scene.told.count(Event.RPC_FAILED), scene.told.count(Event.RPC_BREAKER_OPENED)) == (9, 1)


def test_it_opens_at_half_of_the_last_twenty() -> None:
    scene = Scene()
    for number in range(20):
        assert scene.breaker.standing() is not Standing.EXCLUDED
        scene.ask("answer" if number % 2 == 0 else RpcError("down"))
    assert scene.breaker.standing() is Standing.EXCLUDED


def test_one_trial_after_a_rest_decides() -> None:
    scene = Scene(RpcError("down"))
    for _ in range(5):
        scene.ask()
    scene.clock.now += 10.1
    assert scene.breaker.standing() is Standing.GOOD
    scene.ask()  # the trial
    assert scene.breaker.standing() is Standing.EXCLUDED
    assert scene.told.count(Event.RPC_BREAKER_OPENED) == 1  # it was open all along
    scene.clock.now += 10.1
    scene.ask("answer")
    assert scene.breaker.standing() is Standing.GOOD
    for _ in range(4):
        scene.ask(RpcError("down"))
    assert scene.breaker.standing() is Standing.DOUBTED  # what was before is forgotten


def test_while_the_trial_runs_there_is_no_other() -> None:
    scene = Scene(RpcError("down"))
    for _ in range(5):
        scene.ask()
    scene.clock.now += 10.1
    scene.endpoint.gate.clear()
    scene.endpoint.outcome = "answer"
    trial = threading.Thread(target=scene.breaker.request, args=("m", []))
    trial.start()
    while len(scene.endpoint.calls) < 6:
        pass
    assert scene.breaker.standing() is Standing.EXCLUDED
    with pytest.raises(RpcError, match="left alone"):
        scene.breaker.request("m", [])
    scene.endpoint.gate.set()
    trial.join()
    assert scene.breaker.standing() is Standing.GOOD


def test_a_trial_that_ends_in_a_bug_is_over() -> None:
    scene = Scene(RpcError("down"))
    for _ in range(5):
        scene.ask()
    scene.clock.now += 10.1
    scene.endpoint.outcome = KeyError("bug")
    with pytest.raises(KeyError):
        scene.breaker.request("m", [])
    assert scene.breaker.standing() is Standing.GOOD


def test_failures_that_began_before_it_opened_do_not_keep_it_open() -> None:
    scene = Scene(RpcError("down"), consecutive=2)
    scene.endpoint.gate.clear()
    late = [threading.Thread(target=scene.ask) for _ in range(3)]
    for thread in late:
        thread.start()
    while len(scene.endpoint.calls) < 3:
        pass
    scene.endpoint.gate.set()
    for thread in late:
        thread.join()
    scene.clock.now += 10.1
    assert scene.breaker.standing() is Standing.GOOD


@pytest.mark.parametrize(
    "answer",
    [
        Reverted("no", code=3),
        Exhausted("out of gas", code=-32000),
        RpcError("EVM error ???", code=-32603),
        RpcError("?", code=-32000),
    ],
)
def test_a_hostile_contract_opens_no_breaker(answer: RpcError) -> None:
    scene = Scene(answer)
    for _ in range(50):
        scene.ask()
    assert scene.breaker.standing() is Standing.GOOD
    assert scene.told.count(Event.RPC_BREAKER_OPENED) == 0


def test_limits_and_outages_do_open_it() -> None:
    for failure in (RpcError("limit", code=-32005), RpcError("HTTP status 429")):
        scene = Scene(failure)
        for _ in range(5):
            scene.ask()
        assert scene.breaker.standing() is Standing.EXCLUDED


def test_doubt_passes() -> None:
    scene = Scene()
    scene.breaker.doubt()
    assert scene.breaker.standing() is Standing.DOUBTED
    scene.clock.now += 10.1
    assert scene.breaker.standing() is Standing.GOOD
