"""Several endpoints: order, what moves on, and endpoints of another chain."""

import pytest

from dipmp_lib.errors import DipmpError, MalformedAnswer, Reverted, RpcError, WrongChain
from dipmp_lib.ethereum.rpc import Breaker, HedgedRpc
from dipmp_lib.registry.chain import Chain
from tests.support.fakes.clock import Clock
from tests.support.fakes.endpoints import Endpoint


def failover(*endpoints: Endpoint, clock: Clock | None = None) -> HedgedRpc:
    return HedgedRpc([Breaker(endpoint, clock=clock or Clock()) for endpoint in endpoints])


def test_the_first_endpoint_answers() -> None:
    a, b = Endpoint("a", "from a"), Endpoint("b", "from b")
    assert failover(a, b).request("m", []) == "from a"
    assert b.calls == []


@pytest.mark.parametrize(
    "failure",
    [RpcError("down"), RpcError("limit", code=-32005), MalformedAnswer("garbage"), WrongChain("other chain")],
)
def test_failures_move_on(failure: DipmpError) -> None:
    a, b = Endpoint("a", failure), Endpoint("b", "from b")
    assert failover(a, b).request("m", []) == "from b"


def test_what_the_contract_says_does_not_move_on() -> None:
    a, b = Endpoint("a", Reverted("no", code=3, data="0xab")), Endpoint("b")
    with pytest.raises(Reverted) as caught:
        failover(a, b).request("m", [])
    assert caught.value.data == "0xab"
    assert b.calls == []


def test_a_failed_endpoint_waits_behind_the_others() -> None:
    clock = Clock()
    a, b = Endpoint("a", RpcError("down")), Endpoint("b", "from b")
    rpc = failover(a, b, clock=clock)
    assert [rpc.request("m", []) for _ in range(5)] == ["from b"] * 5
    assert len(a.calls) == 1
    clock.now += 11
    a.outcome = "from a"
    assert [rpc.request("m", []) for _ in range(2)] == ["from a"] * 2
    a.outcome, b.outcome = RpcError("down"), RpcError("down")
    with pytest.raises(RpcError):
        rpc.request("m", [])
    b.outcome = "from b"
    assert rpc.request("m", []) == "from b"  # all are benched, and still asked


def test_when_nobody_answers_every_reason_is_told() -> None:
    a = Endpoint("a", RpcError("a is down", code=-1, hint="do this"))
    b = Endpoint("b", MalformedAnswer("b is odd"))
    with pytest.raises(RpcError, match="a is down; b is odd") as caught:
        failover(a, b).request("m", [])
    assert (caught.value.code, caught.value.hint) == (-1, "do this")
    with pytest.raises(MalformedAnswer, match="b is odd"):
        failover(b).request("m", [])
    with pytest.raises(ValueError, match="at least one"):
        HedgedRpc([])


def test_an_endpoint_of_another_chain_is_never_read() -> None:
    wrong, right = Endpoint("wrong", "0x11e5", chain_id="0x5"), Endpoint("right", "0x7274")
    chain = Chain(wrong, 1, fallbacks=[right])
    assert chain.rpc.request("eth_call", []) == "0x7274"
    assert chain.id() == 1
    assert "eth_call" not in wrong.calls
    with pytest.raises(WrongChain, match="wrong serves chain 5, not 1") as caught:
        chain.endpoints[0].request("eth_call", [])
    assert caught.value.hint
    assert wrong.calls == ["eth_chainId"]  # not even asked again


def test_without_a_chain_id_the_first_to_answer_sets_it() -> None:
    down, first, other = Endpoint("d", chain_id=RpcError("down")), Endpoint("f", chain_id="0x5"), Endpoint("o")
    chain = Chain(down, fallbacks=[first, other])
    assert chain.id() == 5
    assert chain.id() == 5
    with pytest.raises(WrongChain, match="o serves chain 1, not 5"):
        chain.endpoints[2].request("m", [])
    assert first.calls[:2] == ["eth_chainId", "eth_chainId"]  # checked, then asked


@pytest.mark.parametrize("chain_id", ["0x01", "1", None, 1, "0x" + "1" * 65, ["0x1"]])
def test_a_malformed_chain_id_is_no_chain_id(chain_id: object) -> None:
    with pytest.raises(MalformedAnswer):
        Chain(Endpoint("e", chain_id=chain_id)).id()


@pytest.mark.parametrize(("method", "result"), [("eth_call", "0x1"), ("eth_getCode", None), ("eth_blockNumber", "0x")])
def test_a_result_of_another_shape_moves_on(method: str, result: object) -> None:
    odd, right = Endpoint("odd", result), Endpoint("right", "0x12")
    assert Chain(odd, 1, fallbacks=[right]).rpc.request(method, []) == "0x12"
    with pytest.raises(MalformedAnswer):
        Chain(odd, 1).rpc.request(method, [])
