"""Chains: endpoints from URLs and from sources, one chain id, and answers that two have to agree on."""

from collections.abc import Callable, Sequence

import pytest

from dipmp_lib.errors import InvalidSettings, RpcError, Upstream, WrongChain
from dipmp_lib.ethereum.rpc import HedgedRpc, Rpc
from dipmp_lib.http import Fetcher
from dipmp_lib.registry.chain import Chain, connect
from dipmp_lib.registry.chain.endpoints import Check, CurrentEndpoints, EndpointSet
from dipmp_lib.telemetry import Event
from tests.support.fakes.endpoints import Endpoint
from tests.support.fakes.telemetry import RecordedTelemetry


def answer(rpc: Rpc) -> object:
    return rpc.request("m", [])


def test_an_endpoint_set_is_made_anew_only_when_the_endpoints_change() -> None:
    a, b, c = (Endpoint(name) for name in "abc")
    second: list[tuple[Rpc, ...]] = [(b,)]
    made: list[Sequence[Rpc]] = []

    def make(rpcs: Sequence[Rpc]) -> EndpointSet:
        made.append(rpcs)
        return EndpointSet((), HedgedRpc([Endpoint("any")]))

    current = CurrentEndpoints([lambda: (a,), lambda: second[0]], make)
    first = current.now()
    assert current.now() is first
    second[0] = (b, c)
    assert current.now() is not first
    second[0] = ()
    current.now()
    assert made == [(a, b), (a, b, c), (a,)]


def test_a_source_gives_endpoints_that_are_checked_and_may_change() -> None:
    right, wrong = Endpoint("right", "right"), Endpoint("wrong", "wrong", chain_id="0x2")
    behind: dict[str, tuple[Rpc, ...]] = {}
    now = ["right"]

    def source(check: Check) -> tuple[Rpc, ...]:
        endpoint = {"right": right, "wrong": wrong}[now[0]]
        return behind.setdefault(now[0], (check(endpoint),))

    chain = Chain(source, 1)
    assert (len(chain.endpoints), answer(chain.rpc)) == (1, "right")
    now[0] = "wrong"
    with pytest.raises(WrongChain):
        answer(chain.rpc)


def test_a_known_id_is_not_asked_for_and_an_unknown_one_once() -> None:
    known, unknown = Endpoint("known", chain_id="0x7"), Endpoint("unknown", chain_id="0x7")
    assert (Chain(known, 7).id(), known.calls) == (7, [])
    chain = Chain(unknown)
    assert chain.id() == 7
    asked = len(unknown.calls)
    assert (chain.id(), len(unknown.calls)) == (7, asked)


def test_one_endpoint_is_enough_where_one_is_configured() -> None:
    assert Chain(Endpoint("a", "x"), 1).agree(answer, "the weather") == "x"


def test_two_that_agree_are_enough_and_a_third_is_not_asked() -> None:
    a, b, c = Endpoint("a", "x"), Endpoint("b", "x"), Endpoint("c", "y")
    assert Chain(a, 1, fallbacks=[b, c]).agree(answer, "the weather") == "x"
    assert "m" not in c.calls


def test_an_endpoint_that_cannot_be_asked_is_replaced_by_the_next() -> None:
    a, b, c = Endpoint("a", RpcError("down")), Endpoint("b", "x"), Endpoint("c", "x")
    assert Chain(a, 1, fallbacks=[b, c]).agree(answer, "the weather") == "x"
    with pytest.raises(Upstream, match="too few endpoints could be asked for the weather"):
        Chain(Endpoint("a", RpcError("down")), 1, fallbacks=[b]).agree(answer, "the weather")


REPORTS: list[Callable[[Chain], object]] = [
    lambda chain: chain.agree(answer, "the weather"),
    lambda chain: chain.contradicted(chain.endpoints[1]),
]


@pytest.mark.parametrize("report", REPORTS, ids=["agree", "contradicted"])
def test_endpoints_that_disagree_are_told(report: Callable[[Chain], object]) -> None:
    telemetry = RecordedTelemetry()
    chain = Chain(Endpoint("a", "x"), 1, fallbacks=[Endpoint("b", "y")], telemetry=telemetry)
    try:
        report(chain)
    except Upstream as error:
        assert str(error) == "endpoints disagree on the weather"  # noqa: PT017 - one of the two raises
    assert telemetry.events == [Event.RPC_DISAGREEMENT]
    assert telemetry.facts == [{"endpoint": "b"}]


def test_chains_are_made_from_settings() -> None:
    urls = {"": ["http://127.0.0.1:1/a", "http://127.0.0.1:1/b"], "base": ["http://127.0.0.1:1/c"]}
    chains = connect(urls, Fetcher(), chain_id=7)
    assert (len(chains[""].endpoints), chains[""].id(), chains["base"].id()) == (2, 7, 8453)
    with pytest.raises(InvalidSettings) as caught:
        connect({"": [], "nochain": ["http://127.0.0.1:1/"]}, Fetcher())
    assert len(caught.value.problems) == 2
