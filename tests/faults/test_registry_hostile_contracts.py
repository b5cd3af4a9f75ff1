"""Contracts that attack whoever reads them: H1 to H4, H8. On anvil where the code matters, else simulated."""

import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from eth_abi.abi import encode

from dipmp_lib.errors import MalformedLog, Reverted
from dipmp_lib.ethereum.calls import decode_read, decode_scan
from dipmp_lib.http import Fetcher
from dipmp_lib.keccak import keccak256
from dipmp_lib.model.names import RegistryAddress
from tests.contract.backends import AnvilBackend, anvil_backend
from tests.support.fakes.chain import ChainSimulator, ReadAnswer
from tests.support.faulty.fault_proxy import FaultProxy
from tests.support.faulty.toxics import override
from tests.support.programs.asgi import Answer
from tests.support.systems.rpc_endpoints import SIM, RpcWorld, rpc_world
from tests.support.waiting import HANGS

HOSTILE = RegistryAddress(bytes.fromhex("ee" * 18 + "0bad"))
MIB = 1024 * 1024
STATUSES = {404, 502, 503}


@pytest.fixture(scope="module")
def chain() -> Iterator[AnvilBackend]:
    with anvil_backend() as backend:
        yield backend


def push(data: bytes) -> str:
    """Assembly that puts up to 32 bytes on the stack."""
    return f"{0x5F + len(data):02x}{data.hex()}"


def reverting(data: bytes) -> bytes:
    """A contract that reverts with the data, which follows the code."""
    length = len(data).to_bytes(2, "big")
    code = bytes.fromhex(f"61{length.hex()}600e600039" + f"61{length.hex()}6000fd")
    assert len(code) <= 0x0E
    return code.ljust(0x0E, b"\0") + data


def returning(size: int) -> bytes:
    """A contract that returns so many zero bytes."""
    return bytes.fromhex(push(size.to_bytes(4, "big")) + "6000f3")


def offchain_lookup(*urls: str) -> bytes:
    """The revert of EIP-3668 that makes a client fetch the URLs."""
    types = ["address", "string[]", "bytes", "bytes4", "bytes"]
    values = ["0x" + HOSTILE.address.hex(), list(urls), b"\x01", b"\x02" * 4, b""]
    return keccak256(b"OffchainLookup(address,string[],bytes,bytes4,bytes)")[:4] + encode(types, values)


def look(world: RpcWorld) -> list[Answer]:
    answers = [world.get("p0"), world.get("")]
    assert {int(answer.status) for answer in answers} <= STATUSES
    return answers


# -- H1


def _urls(port: int) -> list[str]:
    hosts = ("127.0.0.1", "[::ffff:127.0.0.1]", "localhost", "[::1]")
    return [f"http://{host}:{port}/{{sender}}/{{data}}.json" for host in hosts]


def _fetches(canary: FaultProxy) -> None:
    """Show that the canary would have noticed."""
    Fetcher().fetch("GET", canary.url, deadline=HANGS, max_bytes=100)
    assert canary.connections == 1


@pytest.mark.node
def test_H1_no_url_of_a_contract_is_ever_fetched(chain: AnvilBackend) -> None:
    with FaultProxy(lambda _: (200, b'{"data":"0x"}')) as canary:
        chain.set_code(HOSTILE.address, reverting(offchain_lookup(*_urls(canary.port))))
        with rpc_world([chain.url], at=HOSTILE) as world:
            answers = look(world)
            asked = [sent.json()["method"] for sent in world.proxies[0].requests]
        print(f"H1: {canary.connections} hits; the node was asked {asked}; answers {[int(a.status) for a in answers]}")
        assert "eth_call" in asked
        assert canary.connections == 0
        _fetches(canary)


def test_H1_nor_one_that_an_endpoint_sends() -> None:
    sim = ChainSimulator()
    with FaultProxy(lambda _: (200, b'{"data":"0x"}')) as canary:
        sim.codes[HOSTILE.address] = b"\x60"
        data = "0x" + offchain_lookup(*_urls(canary.port)).hex()
        sim.returns[HOSTILE.address] = Reverted("execution reverted", code=3, data=data)
        with rpc_world([sim, sim], at=HOSTILE) as world:
            look(world)
            world.proxies[0].toxics = [override(307, b"", {"Location": canary.url})]
            look(world)
        assert canary.connections == 0
        _fetches(canary)


# -- H2


@pytest.mark.node
@pytest.mark.parametrize("size", [MIB, 1_500_000, 16 * MIB, 2**32 - 1])
def test_H2_a_return_bomb_is_bounded_by_gas(chain: AnvilBackend, size: int) -> None:
    """5 M gas pay for 1.5 MiB; beyond that the call fails at the node, and nothing travels."""
    chain.set_code(HOSTILE.address, returning(size))
    with rpc_world([chain.url], at=HOSTILE) as world:
        began = time.monotonic()
        answers = look(world)
        seconds = time.monotonic() - began
    print(f"H2: RETURN(0, {size}): {[int(a.status) for a in answers]} in {seconds:.2f} s")
    assert (answers[0].status == 404) == (size <= 1_500_000)  # out of gas proves nothing


def test_H2_a_node_that_sends_more_than_gas_pays_for_is_cut() -> None:
    big = b'{"jsonrpc":"2.0","id":1,"result":"0x' + b"00" * (16 * MIB) + b'"}'
    with rpc_world(1, at=HOSTILE) as world:
        world.proxies[0].toxics = [override(200, big)]
        answers = look(world)
    assert [answer.status for answer in answers] == [503, 503]
    assert b"more than the 8388608 bytes" in answers[0].body


# -- H3


@pytest.mark.node
@pytest.mark.parametrize("endpoints", [1, 3])
def test_H3_an_endless_loop_is_called_once_in_a_while(chain: AnvilBackend, endpoints: int) -> None:
    chain.set_code(HOSTILE.address, bytes.fromhex("5b600056"))
    with rpc_world([chain.url] * endpoints, at=HOSTILE) as world:
        answers = [world.get(f"p{number}") for number in range(20)] + look(world)
        calls = sum(world.asked("eth_call"))
    print(f"H3: {len(answers)} requests over {endpoints} endpoints made {calls} eth_call")
    assert {(int(answer.status), answer.headers["retry-after"]) for answer in answers} == {(503, "5")}
    assert b'"exhausted"' in answers[0].body
    assert calls == 1


# -- H4

_MAX = (1 << 256) - 1


def _words(*values: int) -> bytes:
    return b"".join(value.to_bytes(32, "big") for value in values)


BOMBS = {
    "length of 2^256-1": _words(0, 0, 0, 0x80, _MAX),
    "offset of 2^256-1": _words(0, 0, 0, _MAX, 0),
    "offset to itself": _words(0, 0, 0, 0x60, 0x60),
    "offset to the beginning": _words(0x80, 0, 0, 0, 0),
    "overlapping offsets": _words(0x80, 0x80, 0x40, 0x40, 0x20) + b"\1" * 32,
    "length and offset wrap around": _words(0, 0, 0, 0x80, _MAX - 31),
    "recursive pointers (GHSA-3qwc-47jf-5rf7)": _words(0x20, *[0x20, 0x02, 0x40, 0x40] * 5_000),
    "arrays of nothing (GHSA-rqr8-pxh7-cq3g)": _words(0x20, 1 << 40, 0x20, 1 << 40),
    "a megabyte of pointers": _words(*[0x20] * 32_768),
    "one byte too few": _words(0, 0, 0, 0x80, 33) + bytes(33),
    "one word too many": _words(0, 0, 0, 0x80, 0) + bytes(32),
    "dirty padding": _words(0, 0, 0, 0x80, 1) + b"\xff" * 32,
}
HUGE_ENTRY = _words(5 << 160 | 5 << 192, 1, 0, 0x80, 8) + b"\xff\xff\xff\xff" * 2 + bytes(24)
"""Canonical, with a page whose entry claims 4 GiB."""


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("decode", [decode_read, decode_scan])
def test_H4_abi_bombs_cost_nothing(name: str, decode: Callable[[bytes], object]) -> None:
    tracemalloc.start()
    began = time.process_time()
    try:
        with pytest.raises(MalformedLog):
            decode(BOMBS[name])
        seconds, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    print(f"H4: {name}: {seconds * 1000:.2f} ms, {peak / MIB:.2f} MiB")
    assert peak <= 16 * MIB
    assert seconds <= 5.0  # the goal is 50 ms


@pytest.mark.parametrize("name", [*BOMBS, "an entry of 4 GiB"])
def test_H4_abi_bombs_are_typed_errors(name: str) -> None:
    sim = ChainSimulator()
    sim.codes[HOSTILE.address] = b"\x60"
    sim.returns[HOSTILE.address] = BOMBS.get(name, HUGE_ENTRY)
    with rpc_world([sim], at=HOSTILE) as world:
        look(world)


# -- H8

COUNT, LAST = 160, 192
_U32, _U48 = (1 << 32) - 1, (1 << 48) - 1


def _slot(change: Callable[[int, int], tuple[int, int]]) -> Callable[[ReadAnswer], ReadAnswer]:
    """Lie about count and last."""

    def lie(answer: ReadAnswer) -> ReadAnswer:
        slot = answer[0]
        count, last = change(slot >> COUNT & _U32, slot >> LAST & _U48)
        kept = slot & ~(_U32 << COUNT) & ~(_U48 << LAST)
        return kept | count << COUNT | last << LAST, *answer[1:]

    return lie


def _drop(number: int) -> Callable[[ReadAnswer], ReadAnswer]:
    """Leave out an entry of the page."""

    def lie(answer: ReadAnswer) -> ReadAnswer:
        page, blobs = answer[3], []
        while page:
            end = 4 + int.from_bytes(page[:4], "big")
            blobs.append(page[:end])
            page = page[end:]
        del blobs[number]
        return *answer[:3], b"".join(blobs)

    return lie


COUNT_LIES = {
    "count of 2^32-1": _slot(lambda _, last: (_U32, last)),
    "count and last all ones (2^64-1 and more)": _slot(lambda *_: (_U32, _U48)),
    "count one more": _slot(lambda count, last: (count + 1, last)),
    "count one less": _slot(lambda count, last: (count - 1, last)),
    "count of 0": _slot(lambda _, last: (0, last)),
    "the newest entry missing": _drop(0),
    "a gap": _drop(1),
    "the oldest entry missing": _drop(-1),
    "done after nothing": lambda answer: (*answer[:2], 0, b""),
    "never done": lambda answer: (*answer[:2], 1, answer[3]),
    "next is itself": lambda answer: (*answer[:2], answer[0] >> LAST & _U48, b""),
}


@pytest.mark.parametrize("name", COUNT_LIES)
def test_H8_a_lie_about_the_count_is_an_error_and_never_a_short_list(name: str) -> None:
    sim = SIM.fork()
    sim.lie = COUNT_LIES[name]
    with rpc_world([sim]) as world:
        for project in ("p0", ""):
            answer = world.get(project)
            assert answer.status in (502, 503), answer.body
            assert b".tar.gz" not in answer.body
        assert world.calls() <= 12


def test_H8_a_lie_about_the_newest_nonce_changes_no_page() -> None:
    """The head does not commit to it, and no page depends on it; the next honest answer corrects it."""
    sim = SIM.fork()
    with rpc_world([sim]) as honest:
        truth = honest.get("p0").body
    sim.lie = _slot(lambda count, last: (count, last + 1))
    with rpc_world([sim]) as world:
        assert world.get("p0").body == truth
        sim.lie = None
        assert world.get("p0").body == truth
