"""Endpoints whose URLs are the value of a parameter: they follow the value, and show nothing of it."""

from collections.abc import Sequence

import pytest

from dipmp_lib.aws.parameters import CachedParameter, ParameterEndpoints
from dipmp_lib.errors import Reverted, SecretError
from dipmp_lib.ethereum.rpc import Rpc
from dipmp_lib.http import Fetcher
from tests.support.fakes.clock import Clock
from tests.support.fakes.parameters import NAME, ParameterStore


class Node:
    """Answers as long as its key is the right one."""

    def __init__(self, url: str) -> None:
        self.url = url

    def request(self, method: str, params: Sequence[object]) -> object:
        if "old" in self.url:
            raise SecretError("401")
        return self.url


def test_a_list_is_as_many_endpoints() -> None:
    store = ParameterStore("https://a.example, https://b.example/key ,")
    endpoints = ParameterEndpoints(CachedParameter(NAME, store), Fetcher())
    rpcs = endpoints.rpcs(lambda rpc: rpc)
    assert [str(rpc) for rpc in rpcs] == [f"{NAME} (1)", f"{NAME} (2)"]
    assert endpoints.rpcs(lambda rpc: rpc) is rpcs


def test_one_that_cannot_be_found_says_so_when_it_is_asked() -> None:
    store = ParameterStore()
    store.failure = SecretError("the extension is not there")
    [rpc] = ParameterEndpoints(CachedParameter(NAME, store), Fetcher()).rpcs(lambda rpc: rpc)
    with pytest.raises(SecretError, match="the extension is not there"):
        rpc.request("eth_chainId", [])


def checked(rpc: Rpc) -> Rpc:
    """Put a node in the place of an endpoint over HTTP."""
    return Node(rpc._url)  # type: ignore[attr-defined]


def test_another_url_is_tried_at_once_when_the_old_one_fails() -> None:
    store, clock = ParameterStore("https://old.example"), Clock()
    [rpc] = ParameterEndpoints(CachedParameter(NAME, store, ttl=300, retry=5, clock=clock), Fetcher()).rpcs(checked)
    with pytest.raises(SecretError, match="401"):
        rpc.request("x", [])
    store.value = "https://new.example"
    clock.now += 5
    assert rpc.request("x", []) == "https://new.example"


def test_a_list_that_became_longer_is_seen() -> None:
    store, clock = ParameterStore("https://a.example"), Clock()
    endpoints = ParameterEndpoints(CachedParameter(NAME, store, ttl=300, retry=5, clock=clock), Fetcher())
    assert len(endpoints.rpcs(checked)) == 1
    store.value = "https://a.example,https://b.example"
    clock.now += 300
    assert [rpc.request("x", []) for rpc in endpoints.rpcs(checked)] == ["https://a.example", "https://b.example"]


@pytest.mark.parametrize("value", ["verysecret", "ftp://h/verysecret", "ssm:/verysecret", ",", "http://h," * 17])
def test_a_value_that_is_no_url_is_not_shown(value: str) -> None:
    [rpc] = ParameterEndpoints(CachedParameter(NAME, ParameterStore(value)), Fetcher()).rpcs(checked)
    with pytest.raises(SecretError, match="is not one to 16 http") as caught:
        rpc.request("x", [])
    assert "verysecret" not in str(caught.value)


def test_a_list_that_became_shorter_has_no_such_endpoint_any_more() -> None:
    store, clock = ParameterStore("https://a.example,https://b.example"), Clock()
    endpoints = ParameterEndpoints(CachedParameter(NAME, store, ttl=300, retry=5, clock=clock), Fetcher())
    _, second = endpoints.rpcs(checked)
    store.value = "https://a.example"
    clock.now += 300
    with pytest.raises(SecretError, match=r"has no URL number 2 any more"):
        second.request("x", [])
    assert len(endpoints.rpcs(checked)) == 1


def test_an_answer_of_the_contract_is_no_reason_to_doubt_the_url() -> None:
    class Reverting(Node):
        def request(self, method: str, params: Sequence[object]) -> object:
            raise Reverted("no", code=3)

    store, clock = ParameterStore(), Clock()
    endpoints = ParameterEndpoints(CachedParameter(NAME, store, ttl=300, retry=5, clock=clock), Fetcher())
    [rpc] = endpoints.rpcs(lambda _: Reverting(""))
    clock.now += 60
    with pytest.raises(Reverted):
        rpc.request("x", [])
    assert store.asked == 1
