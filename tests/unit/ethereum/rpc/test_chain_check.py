"""The check of an endpoint's chain id: once where it is right, now and then where it is wrong."""

import threading

import pytest

from dipmp_lib.errors import MalformedAnswer, RpcError, WrongChain
from dipmp_lib.ethereum.rpc import ChainCheckedRpc, ChainIdentity
from tests.support.fakes.clock import Clock
from tests.support.fakes.endpoints import Endpoint


def test_a_wrong_endpoint_is_checked_again_later() -> None:
    clock = Clock()
    endpoint = Endpoint("e", chain_id="0x5")
    rpc = ChainCheckedRpc(endpoint, ChainIdentity(1), clock=clock)
    for _ in range(3):
        with pytest.raises(WrongChain):
            rpc.request("m", [])
    endpoint.chain_id = "0x1"
    clock.now += 61
    assert rpc.request("m", []) == "answer"
    assert endpoint.calls == ["eth_chainId", "eth_chainId", "m"]


def test_the_right_chain_is_checked_once() -> None:
    endpoint = Endpoint("e")
    rpc = ChainCheckedRpc(endpoint, ChainIdentity(1))
    assert [rpc.request("m", []) for _ in range(3)] == ["answer"] * 3
    assert endpoint.calls == ["eth_chainId", "m", "m", "m"]
    assert str(rpc) == "e"


def test_the_first_endpoint_to_answer_sets_the_chain() -> None:
    identity = ChainIdentity()
    with pytest.raises(RpcError):
        ChainCheckedRpc(Endpoint("down", chain_id=RpcError("down")), identity).request("m", [])
    assert identity.value is None
    assert ChainCheckedRpc(Endpoint("first", chain_id="0x5"), identity).request("m", []) == "answer"
    assert identity.value == 5
    with pytest.raises(WrongChain, match="other serves chain 1, not 5"):
        ChainCheckedRpc(Endpoint("other"), identity).request("m", [])


@pytest.mark.parametrize("failure", [RpcError("down"), "not a number"])
def test_an_endpoint_that_does_not_tell_its_chain_is_asked_again_at_once(failure: object) -> None:
    endpoint = Endpoint("e", chain_id=failure)
    rpc = ChainCheckedRpc(endpoint, ChainIdentity(1))
    with pytest.raises((RpcError, MalformedAnswer)):
        rpc.request("m", [])
    endpoint.chain_id = "0x1"
    assert rpc.request("m", []) == "answer"
    assert endpoint.calls == ["eth_chainId", "eth_chainId", "m"]


def test_threads_that_come_first_get_through_after_the_check() -> None:
    endpoint, answers = Endpoint("e"), list[object]()
    rpc = ChainCheckedRpc(endpoint, ChainIdentity(1))
    threads = [threading.Thread(target=lambda: answers.append(rpc.request("m", []))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["answer"] * 4
    assert endpoint.calls[0] == "eth_chainId"
    assert endpoint.calls.count("m") == 4
