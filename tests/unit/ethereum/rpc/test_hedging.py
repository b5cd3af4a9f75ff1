"""Hedges: when a second endpoint is asked, how many may be, and who is asked first."""

import threading
from collections.abc import Sequence

import pytest

from dipmp_lib.errors import DipmpError, Exhausted, InvalidInput, Reverted, RpcError
from dipmp_lib.ethereum.rpc import HedgeBudget, HedgedRpc, Patience, Standing
from tests.support.fakes.clock import Clock
from tests.support.fakes.endpoints import Endpoint
from tests.support.waiting import HANGS

EAGER = Patience(hedge=0.001, seconds=600)
"""Hedges as soon as an endpoint keeps it waiting at all."""
PATIENT = Patience(hedge=300, seconds=600)
NEVER = Patience(hedge=60.0, seconds=0.05)


def slow(name: str, outcome: object = "late") -> Endpoint:
    endpoint = Endpoint(name, outcome)
    endpoint.gate.clear()
    return endpoint


class SlowUntilDoubted(Endpoint):
    """Answers each request once a hedge for it is due."""

    def __init__(self, name: str, outcome: object = "late") -> None:
        super().__init__(name, outcome)
        self.gate.clear()

    def doubt(self) -> None:
        super().doubt()
        self.gate.set()

    def request(self, method: str, params: Sequence[object]) -> object:
        try:
            return super().request(method, params)
        finally:
            self.gate.clear()


class Releasing(Endpoint):
    """Lets another endpoint answer once it has itself."""

    def __init__(self, name: str, outcome: object, other: Endpoint) -> None:
        super().__init__(name, outcome)
        self._other = other

    def request(self, method: str, params: Sequence[object]) -> object:
        try:
            return super().request(method, params)
        finally:
            self._other.gate.set()


def join_attempts() -> None:
    for thread in threading.enumerate():
        if thread.name == "rpc":
            thread.join(HANGS)


def test_a_slow_endpoint_is_hedged_and_doubted() -> None:
    a, b = slow("a"), Endpoint("b", "from b")
    assert HedgedRpc([a, b], patience=EAGER).request("m", []) == "from b"
    assert (a.calls, a.doubts, b.doubts) == (["m"], 1, 0)
    a.gate.set()


def test_a_quick_endpoint_is_not_hedged() -> None:
    a, b = Endpoint("a", "from a"), Endpoint("b")
    assert HedgedRpc([a, b], patience=PATIENT).request("m", []) == "from a"
    assert (b.calls, a.doubts) == ([], 0)


def test_the_first_good_answer_wins_also_against_an_earlier_failure() -> None:
    b = slow("b")
    a = Releasing("a", RpcError("down"), b)
    a.gate.clear()
    c = Releasing("c", RpcError("limit"), a)
    assert HedgedRpc([a, b, c], patience=EAGER).request("m", []) == "late"
    assert [len(endpoint.calls) for endpoint in (a, b, c)] == [1, 1, 1]


@pytest.mark.parametrize("answer", [Reverted("no"), Exhausted("out of gas"), InvalidInput("a bad URL")])
def test_what_is_an_answer_ends_the_race(answer: DipmpError) -> None:
    a, b = Endpoint("a", answer), Endpoint("b")
    with pytest.raises(type(answer)):
        HedgedRpc([a, b], patience=PATIENT).request("m", [])
    assert b.calls == []


def test_at_most_three_are_asked() -> None:
    endpoints = [Endpoint(str(number), RpcError("down")) for number in range(5)]
    with pytest.raises(RpcError, match="down; down; down"):
        HedgedRpc(endpoints, patience=PATIENT).request("m", [])
    assert [len(endpoint.calls) for endpoint in endpoints] == [1, 1, 1, 0, 0]


def test_the_whole_takes_no_longer_than_it_may() -> None:
    clock, endpoints = Clock(), [slow(str(number)) for number in range(3)]

    def now() -> float:
        """Time stands still until all three are asked."""
        return clock.now + 1000 * all(endpoint.calls for endpoint in endpoints)

    rpc = HedgedRpc(endpoints, patience=Patience(hedge=0.001, seconds=0.3), clock=now)
    with pytest.raises(RpcError, match=r"within 0\.3 s"):
        rpc.request("m", [])
    assert [len(endpoint.calls) for endpoint in endpoints] == [1, 1, 1]
    for endpoint in endpoints:
        endpoint.gate.set()


def test_when_everything_is_slow_hedges_stay_few() -> None:
    """100 requests to slow endpoints: a burst of hedges, then one for every tenth request."""
    a, b = SlowUntilDoubted("a"), Endpoint("b")
    b.gate.clear()
    rpc = HedgedRpc([a, b], patience=EAGER, budget=HedgeBudget(share=0.1, burst=3))
    for _ in range(100):
        rpc.request("m", [])
    b.gate.set()
    join_attempts()
    hedges = len(a.calls) + len(b.calls) - 100
    assert 3 <= hedges <= 13


def test_without_hedges_left_failover_remains() -> None:
    a, b = SlowUntilDoubted("a", RpcError("down")), Endpoint("b", "from b")
    rpc = HedgedRpc([a, b], patience=EAGER, budget=HedgeBudget(share=0, burst=0))
    assert rpc.request("m", []) == "from b"


def test_the_order_is_that_of_standing() -> None:
    a, b, c = Endpoint("a", "from a"), Endpoint("b", "from b"), Endpoint("c", "from c")
    rpc = HedgedRpc([a, b, c], patience=PATIENT)
    a.rank, b.rank = Standing.EXCLUDED, Standing.DOUBTED
    assert rpc.request("m", []) == "from c"
    c.rank = Standing.DOUBTED
    assert rpc.request("m", []) == "from b"
    b.rank = c.rank = Standing.EXCLUDED
    assert rpc.request("m", []) == "from a"  # and says itself why it cannot be asked
    b.outcome = RpcError("down")
    a.rank, b.rank = Standing.EXCLUDED, Standing.GOOD
    with pytest.raises(RpcError, match="down"):
        rpc.request("m", [])
    assert len(a.calls) == 1


def test_a_patient_caller_is_told_when_time_is_over() -> None:
    a, b = slow("a"), Endpoint("b")
    with pytest.raises(RpcError, match="no endpoint answered"):
        HedgedRpc([a, b], patience=NEVER).request("m", [])
    assert b.calls == []
    a.gate.set()
