"""Endpoints that limit, fail, answer nonsense, or serve another chain: R2 to R5."""

import json
from collections.abc import Callable

import pytest

from dipmp_lib.ethereum.rpc import BreakerRules
from dipmp_lib.telemetry import Event
from tests.support.fakes.chain import ChainSimulator
from tests.support.fakes.clock import Clock
from tests.support.fakes.rpc_server import json_rpc
from tests.support.faulty.toxics import Request, Toxic, override, raw, reply
from tests.support.systems.rpc_endpoints import PROJECTS, SIM, Rules, make_sim, rpc_world
from tests.support.waiting import wait_until

LIMITED = json.dumps(
    {"jsonrpc": "2.0", "id": None, "error": {"code": -32005, "message": "daily request count exceeded"}}
)
LIMITS = {
    "429": override(429, b"", {"Retry-After": "3600"}),
    "429 in HTML": override(429, b"<html><h1>Too many</h1></html>", {"Content-Type": "text/html"}),
    "429 in JSON-RPC": override(429, LIMITED.encode()),
    "402": override(402, LIMITED.encode()),
    "200 in JSON-RPC": override(200, LIMITED.encode()),
}


@pytest.mark.parametrize("name", LIMITS)
def test_R2_without_anything_known_limits_are_503(name: str) -> None:
    with rpc_world(4) as world:
        for proxy in world.proxies:
            proxy.toxics = [LIMITS[name]]
        most = 0
        for number in range(30):
            world.reset()
            answer = world.get(PROJECTS[number % 20] if number % 3 else "")
            assert (answer.status, answer.headers["retry-after"]) == (503, "5")
            most = max(most, world.calls())
    print(
        f"R2: {name}: at most {most} requests to endpoints for one; {world.told.count(Event.RPC_FAILED)} in all for 30"
    )
    assert most <= 3


def test_R2_what_is_known_is_served_with_its_age() -> None:
    with rpc_world(3) as world:
        fresh = world.get("p0")
        assert "x-dipmp-stale" not in fresh.headers
        # Newest blocks are looked at besides, once in a while and with a question for the chain before the first time.
        wait_until(lambda: all(world.asked("eth_getBlockByNumber")))
        for proxy in world.proxies:
            proxy.toxics = [LIMITS["429"]]
        world.reset()
        for count in range(1, 20):
            stale = world.get("p0")
            assert (stale.status, stale.body, stale.headers["etag"]) == (200, fresh.body, fresh.headers["etag"])
            assert stale.headers["x-dipmp-stale"]
            assert int(stale.headers["age"]) >= 0
            assert sum(world.asked("eth_call", "eth_chainId")) <= 3 * count
        assert world.get("p1").status == 503
        assert world.get("no-such-project").status == 503


def test_R3_a_breaker_spares_an_endpoint_that_fails_and_lets_it_back_in() -> None:
    """100 % errors: after five failures no upstream calls but a trial in each rest, one of which ends it."""
    clock = Clock()
    rest = BreakerRules().rest
    with rpc_world(1, Rules(clock=clock)) as world:
        proxy = world.proxies[0]
        proxy.toxics = [override(500, b"internal error")]
        assert [world.get(project).status for project in PROJECTS[:5]] == [503] * 5
        assert world.calls() == 5
        world.reset()
        outcomes = world.storm(PROJECTS * 10, clients=4)
        clock.now += rest
        outcomes += world.storm(PROJECTS * 10, clients=4)
        trials = world.calls()
        proxy.toxics = []
        assert world.get("p0").status == 503
        clock.now += rest
        assert world.get("p0").status == 200
        assert [status for status, _ in world.storm(PROJECTS, clients=4)] == [200] * 20
    print(f"R3: {len(outcomes)} requests made {trials} calls while the breaker was open")
    assert {status for status, _ in outcomes} == {503}
    assert trials == 1
    assert world.told.count(Event.RPC_BREAKER_OPENED) == 1


def test_R3_while_one_of_two_fails_nobody_notices() -> None:
    with rpc_world(2) as world:
        world.proxies[0].toxics = [override(500)]
        outcomes = world.storm(PROJECTS * 10, clients=4)
        calls = world.asked()
    print(f"R3: 200 requests, {calls[0]} calls to the endpoint that fails")
    assert {status for status, _ in outcomes} == {200}
    assert calls[0] <= 10


def _made(text: str) -> Callable[[Request], bytes]:
    """A body in which ID is the id asked with and RESULT is the right answer."""

    def make(request: Request) -> bytes:
        _, honest = json_rpc(SIM)(request)[:2]
        result = json.dumps(json.loads(honest).get("result"))
        return text.replace("ID", str(request.json()["id"])).replace("RESULT", result).encode()

    return make


GOOD = '{"jsonrpc":"2.0","id":ID,"result":RESULT}'
MALFORMED: dict[str, Toxic] = {
    name: reply(_made(text))
    for name, text in {
        "nothing": "",
        "a blank": " ",
        "HTML": "<!doctype html><title>Sign in</title>",
        "a word": "pong",
        "truncated": GOOD[:-3],
        "two values": GOOD + GOOD,
        "trailing comma": '{"jsonrpc":"2.0","id":ID,"result":RESULT,}',
        "an array": f"[{GOOD}]",
        "a string": '"0x"',
        "null": "null",
        "a number": "1e999",
        "no id": '{"jsonrpc":"2.0","result":RESULT}',
        "null id": '{"jsonrpc":"2.0","id":null,"result":RESULT}',
        "another id": '{"jsonrpc":"2.0","id":ID0,"result":RESULT}',
        "id as text": '{"jsonrpc":"2.0","id":"ID","result":RESULT}',
        "id as fraction": '{"jsonrpc":"2.0","id":ID.0,"result":RESULT}',
        "id is true": '{"jsonrpc":"2.0","id":true,"result":RESULT}',
        "no version": '{"id":ID,"result":RESULT}',
        "version 1.0": '{"jsonrpc":"1.0","id":ID,"result":RESULT}',
        "version as number": '{"jsonrpc":2.0,"id":ID,"result":RESULT}',
        "result and error": '{"jsonrpc":"2.0","id":ID,"result":RESULT,"error":{"code":1,"message":"x"}}',
        "neither": '{"jsonrpc":"2.0","id":ID}',
        "result null": '{"jsonrpc":"2.0","id":ID,"result":null}',
        "result a number": '{"jsonrpc":"2.0","id":ID,"result":0}',
        "result an object": '{"jsonrpc":"2.0","id":ID,"result":{"0x":1}}',
        "result twice": '{"jsonrpc":"2.0","id":ID,"result":RESULT,"result":"0x"}',
        "id twice": '{"jsonrpc":"2.0","id":0,"id":ID,"result":RESULT}',
        "odd hexadecimal": '{"jsonrpc":"2.0","id":ID,"result":"0x01234"}',
        "no prefix": '{"jsonrpc":"2.0","id":ID,"result":"00"}',
        "not hexadecimal": '{"jsonrpc":"2.0","id":ID,"result":"0xzz"}',
        "blanks in hexadecimal": '{"jsonrpc":"2.0","id":ID,"result":"0x00 00"}',
        "error as text": '{"jsonrpc":"2.0","id":ID,"error":"no"}',
        "error without code": '{"jsonrpc":"2.0","id":ID,"error":{"message":"no"}}',
        "error null": '{"jsonrpc":"2.0","id":ID,"error":null}',
        "NaN": '{"jsonrpc":"2.0","id":ID,"result":RESULT,"x":NaN}',
        "Infinity": '{"jsonrpc":"2.0","id":ID,"result":RESULT,"x":-Infinity}',
        "a huge number": '{"jsonrpc":"2.0","id":ID,"result":RESULT,"x":' + "9" * 5000 + "}",
        "nested 10,000 deep": '{"jsonrpc":"2.0","id":ID,"result":RESULT,"x":' + "[" * 10_000 + "]" * 10_000 + "}",
        "nested objects": '{"jsonrpc":"2.0","id":ID,"result":RESULT,"x":' + '{"a":' * 10_000 + "1" + "}" * 10_001,
        "a million values": '{"jsonrpc":"2.0","id":ID,"result":RESULT,"x":[' + "1," * 1_000_000 + "1]}",
        "byte order mark": "\ufeff" + GOOD,
        "NUL": GOOD + "\0",
    }.items()
} | {
    "not UTF-8": override(200, b'{"jsonrpc":"2.0","id":1,"result":"\xff"}'),
    "UTF-16": override(200, GOOD.encode("utf-16")),
    "longer than it says": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + GOOD.encode()),
    "shorter than it says": reply(_made(GOOD), {"Content-Length": "100000"}),
    "a length that is none": raw(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"),
    "a content coding": reply(_made(GOOD), {"Content-Encoding": "br"}),
    "no status": raw(b"HTTP/1.1 OK\r\n\r\n{}"),
    "not HTTP": raw(b"\x15\x03\x01\x00\x02\x02\x16"),
    "a redirect": override(302, b"", {"Location": "http://127.0.0.1:1/"}),
    "204": override(204),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_R4_a_malformed_answer_is_a_failure(name: str) -> None:
    """At one of two endpoints nobody notices; at the only one it is 503, or 502, and never anything else."""
    with rpc_world(2, chain_id=SIM.chain_id) as world:
        world.proxies[0].toxics = [MALFORMED[name]]
        for project in ("p0", "p1", ""):
            assert world.get(project).status == 200
        assert world.told.count(Event.RPC_FAILED) >= 1
    with rpc_world(1, chain_id=SIM.chain_id) as world:
        world.proxies[0].toxics = [MALFORMED[name]]
        assert world.get("p0").status in (502, 503)
        world.proxies[0].toxics = []
        assert world.get("p0").status == 200
        world.proxies[0].toxics = [MALFORMED[name]]
        assert world.get("p0").headers["x-dipmp-stale"]


def test_R4_there_are_enough_cases() -> None:
    print(f"R4: {len(MALFORMED)} malformed answers")
    assert len(MALFORMED) >= 30


@pytest.mark.parametrize("configured", [SIM.chain_id, None])
def test_R5_an_endpoint_of_another_chain_is_never_read(configured: int | None) -> None:
    """There the same registry has another history. Unless configured, the chain is that of the first who answers."""
    elsewhere = make_sim(["6.6.6"])
    elsewhere.chain_id = 1
    order = [elsewhere, SIM, SIM] if configured else [SIM, elsewhere, SIM]
    with rpc_world(order, chain_id=configured) as world:
        wrong = order.index(elsewhere)
        if configured is None:
            assert world.get("p0").status == 200
            world.proxies[0].toxics = [override(500)]
        for project in PROJECTS * 2:
            answer = world.get(project)
            assert answer.status == 200
            assert b"6.6.6" not in answer.body
        asked = [sent.json()["method"] for sent in world.proxies[wrong].requests]
    print(f"R5: 40 pages; the endpoint of another chain was asked {asked}")
    assert set(asked) == {"eth_chainId"}
    assert len(asked) <= 2
    assert world.told.count(Event.RPC_EXCLUDED) >= 1


def test_R5_where_all_serve_another_chain_nothing_is_proven() -> None:
    elsewhere = ChainSimulator(1)
    with rpc_world([elsewhere, elsewhere], chain_id=SIM.chain_id) as world:
        answer = world.get("p0")
        assert (answer.status, b"serves chain 1, not 8453" in answer.body) == (503, True)
        assert set(world.asked("eth_call")) == {0}
