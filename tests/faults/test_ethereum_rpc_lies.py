"""Endpoints that are behind the others, or lie: R6 and R7."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dipmp_lib.errors import Malformed, NotFound, Upstream
from dipmp_lib.ethereum.rpc import LagRules
from dipmp_lib.model.names import ProjectName
from dipmp_lib.registry import MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry
from dipmp_lib.telemetry import Event
from tests.support.exploring import examples
from tests.support.fakes.chain import ChainSimulator
from tests.support.faulty.toxics import override
from tests.support.systems.rpc_endpoints import PROJECTS, SIM, Rules, make_sim, rpc_world
from tests.support.waiting import wait_until

BLOCKS, SECONDS = 50, 2
WATCHFUL = Rules(lagging=LagRules(every=0.1))


def behind() -> ChainSimulator:
    """An endpoint that is 50 blocks behind and does not know the newest releases."""
    sim = make_sim(["1.0"])
    sim.behind = BLOCKS * SECONDS
    return sim


def test_R6_a_laggard_is_not_used_while_others_are_current() -> None:
    laggard = behind()
    with rpc_world([laggard, SIM, SIM], WATCHFUL) as world:
        first = world.get("p0")
        assert first.status == 200
        wait_until(lambda: world.told.count(Event.RPC_EXCLUDED) == 1)
        world.reset()
        for project in PROJECTS * 5:
            answer = world.get(project)
            assert (answer.status, b"1.2.tar.gz" in answer.body) == (200, True)
        used = world.asked("eth_call")
        print(f"R6: 100 pages; eth_calls to the laggard and to the others: {used}")
        assert used[0] == 0
        laggard.behind = 0
        laggard.reorganise_to(SIM)
        wait_until(lambda: world.get("p0").status == 200 and world.asked("eth_call")[0] > 0)


def test_R6_what_a_laggard_does_not_know_yet_is_not_absent() -> None:
    """Also in the first moment, when nobody knows yet that it is behind: a second endpoint is asked before 404."""
    laggard = ChainSimulator()
    laggard.deploy()
    laggard.behind = BLOCKS * SECONDS
    with rpc_world([laggard, SIM], WATCHFUL) as world:
        first = world.get("p0")
        assert first.status in (200, 503)
        wait_until(lambda: world.get("p0").status == 200)
        assert world.get("no-such-project").status == 404


def test_R6_a_laggard_does_not_take_back_what_was_read() -> None:
    laggard = behind()
    with rpc_world([SIM, laggard]) as world:
        newest = world.get("p0")
        world.proxies[0].toxics = [override(500)]
        for _ in range(10):
            assert world.get("p0").body == newest.body


def test_R6_a_pruned_endpoint_is_passed_over() -> None:
    with rpc_world(2) as world:
        assert world.get("p0").status == 200
        gone = b'{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"missing trie node 0x12 (path )"}}'
        world.proxies[0].toxics = [override(200, gone)]
        for project in PROJECTS:
            assert world.get(project).status == 200


AT = SIM.address_of(next(iter(SIM.registries.values())))
P0, P1 = ProjectName("p0"), ProjectName("p1")
TRUTH = ChainRegistry({"": Chain(SIM)}, MemoryLogStore()).project(AT, P0)
OTHER = make_sim(["6.6.6"])
WHOLE = {each.head: each for each in (TRUTH, ChainRegistry({"": Chain(OTHER)}, MemoryLogStore()).project(AT, P0))}
EXAMPLES = 500


def _recorded() -> list[bytes]:
    """Honest answers of this and another history, for this project, another one, and the list: parts for a forger."""
    taken: list[bytes] = []
    for sim in (SIM.fork(), OTHER.fork()):

        def keep(method: str, result: object) -> object:
            if method == "eth_call":
                taken.append(bytes.fromhex(str(result)[2:]))
            return result

        sim.answer = keep
        registry = ChainRegistry({"": Chain(sim)}, MemoryLogStore())
        registry.project(AT, P0), registry.project(AT, P1), registry.project_list(AT)
    return taken


PARTS = _recorded()
HONEST = PARTS[0]
_offset = st.integers(0, len(HONEST) - 1)
_piece = st.one_of(
    st.binary(min_size=1, max_size=40),
    st.integers(0, 2**256 - 1).map(lambda word: word.to_bytes(32, "big")),
    st.sampled_from(PARTS).flatmap(
        lambda part: st.integers(0, len(part) - 1).map(lambda at: part[at - at % 32 : at - at % 32 + 32])
    ),
    st.just(bytes(32)),
)


@st.composite
def mutants(draw: st.DrawFn) -> bytes:
    """An honest answer with one to three changes: bytes or words replaced, cut out, put in, or moved."""
    answer = draw(st.sampled_from([HONEST, HONEST, HONEST, *PARTS]))
    for _ in range(draw(st.integers(1, 3))):
        at, length, piece = draw(_offset), draw(st.sampled_from([0, 1, 32, 128])), draw(_piece)
        answer = answer[:at] + piece + answer[at + length :]
        if draw(st.booleans()):  # as whole words, so that the encoding may still be right
            at -= at % 32
            answer = HONEST[:at] + piece.rjust(32, b"\0")[:32] + HONEST[at + 32 :]
    return answer


_counts = {"told apart": 0, "mutants": 0, "whole other histories": 0}


def check_R7(forged: bytes) -> None:
    """One of three lies about everything that it is called for."""
    liar = SIM.fork()
    liar.answer = lambda method, result: "0x" + forged.hex() if method == "eth_call" else result
    chain = Chain(liar, SIM.chain_id, fallbacks=[SIM, SIM])
    registry = ChainRegistry({"": chain}, MemoryLogStore(), pinned=[AT])
    _counts["mutants"] += 1
    try:
        project = registry.project(AT, P0)
    except NotFound:
        raise AssertionError("a forged answer became proven absence") from None
    except (Upstream, Malformed):
        _counts["told apart"] += 1
    else:
        assert project == WHOLE[project.head]
        _counts["whole other histories"] += project.head != TRUTH.head


@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.long)])
def test_R7_a_forged_answer_never_becomes_a_page_or_an_absence(count: int) -> None:
    """What a server can know: one of three endpoints changes, mixes or makes up what the registry returns.

    Whatever it sends, the page is the one that the others show, or there is an error. A history that is whole in
    itself, head and all, is believed of the endpoint that is asked first: that, several endpoints that lie alike, and
    a server that lies are for a client that verifies proofs to find out.
    """
    began = time.monotonic()
    _counts.update(dict.fromkeys(_counts, 0))
    settings(max_examples=count)(given(mutants())(check_R7))()
    seconds = time.monotonic() - began
    refused, forged = _counts["told apart"], _counts["mutants"]
    print(f"R7: {forged} mutants in {seconds:.1f} s: 0 accepted, {forged - refused} overruled, {refused} 502 or 503")
    print(f"R7: whole other histories among them, which only proofs tell apart: {_counts['whole other histories']}")
    assert forged >= count


@settings(max_examples=examples(EXAMPLES))
@given(mutants())
def test_R7_with_one_endpoint_only_nothing_forged_is_shown(forged: bytes) -> None:
    """The only endpoint lies. It can show an older or other history that is whole, but nothing that is not."""
    liar = SIM.fork()
    liar.answer = lambda method, result: "0x" + forged.hex() if method == "eth_call" else result
    registry = ChainRegistry({"": Chain(liar, SIM.chain_id)}, MemoryLogStore(), pinned=[AT])
    try:
        project = registry.project(AT, P0)
    except (Upstream, Malformed, NotFound):
        return
    assert project == WHOLE[project.head]
