"""Endpoints that hang, drip or send without end: R1, R10, R11."""

import gzip
import os
import time
from pathlib import Path

import pytest

from dipmp_lib.telemetry import Event
from tests.support.faulty.toxics import Toxic, bandwidth, endless, hang, override
from tests.support.systems.rpc_endpoints import PROJECTS, REAL, percentile, rpc_world

MIB = 1024 * 1024
OK = b"HTTP/1.1 200 OK\r\n"
BODIES = {
    "a body of 100 MB": endless(OK + b"Content-Length: 100000000\r\n\r\n", bytes(65_536)),
    "100 MB announced": override(200, b"{", {"Content-Length": "100000000"}),
    "endless chunks": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + bytes(65_536) + b"\r\n"),
    "endless until close": endless(OK + b"\r\n", bytes(65_536)),
    "gzip 1000:1": override(200, gzip.compress(bytes(100_000_000)), {"Content-Encoding": "gzip"}),
    "endless headers": endless(OK, b"X-Header: " + b"x" * 1000 + b"\r\n"),
}


def test_R1_one_of_three_endpoints_hangs() -> None:
    with rpc_world(3, REAL) as world:
        world.proxies[0].toxics = [hang()]
        outcomes = world.storm(PROJECTS * 50, clients=8)
        seconds = [each for _, each in outcomes]
        calls = world.asked()
    p99 = percentile(seconds, 0.99)
    print(f"R1: {len(outcomes)} requests, p50 {percentile(seconds, 0.5) * 1000:.1f} ms, p99 {p99 * 1000:.0f} ms")
    print(f"R1: slowest {max(seconds):.2f} s; requests to the endpoint that hangs and to the others: {calls}")
    assert [status for status, _ in outcomes] == [200] * 1000
    # Seconds are the machine's affair (the goal is a p99 of 1.5 s where nothing else runs); whom one waits for is ours.
    assert calls[0] <= 50
    assert world.told.count(Event.RPC_FAILED) <= 50


def test_R1_an_endpoint_that_begins_to_hang_later_costs_one_hedge() -> None:
    with rpc_world(2, REAL) as world:
        assert world.get("p0").status == 200
        world.proxies[0].toxics = [hang()]
        began = time.monotonic()
        assert world.get("p1").status == 200
        first, began = time.monotonic() - began, time.monotonic()
        assert world.get("p2").status == 200
        second = time.monotonic() - began
        print(f"R1: the first request after it began to hang {first:.2f} s, the second {second:.3f} s")
        assert world.told.count(Event.RPC_FAILED) == 0  # a hedge had answered before the first was given up


@pytest.mark.parametrize("name", BODIES)
def test_R10_a_body_bomb_is_cut(name: str) -> None:
    """Proxy and server are one process here, so what the proxy keeps counts too."""
    with rpc_world(1, REAL) as world:
        assert world.get("p0").status == 200
        world.proxies[0].toxics = [BODIES[name]]
        before, began = _resident(), time.monotonic()
        answer = world.get("p1")
        seconds, grown = time.monotonic() - began, _resident() - before
    print(f"R10: {name}: {seconds:.2f} s, resident memory {grown / MIB:+.1f} MiB")
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert b"within" not in answer.body  # it was cut by its length, not by the deadline
    assert grown <= 64 * MIB


def test_R10_a_body_bomb_at_one_endpoint_is_no_outage() -> None:
    with rpc_world(2, REAL) as world:
        world.proxies[0].toxics = [BODIES["endless until close"]]
        assert [world.get(project).status for project in PROJECTS[:5]] == [200] * 5


@pytest.mark.parametrize(("name", "toxic"), [("1 B/s", bandwidth(1)), ("hang", hang())])
def test_R11_the_deadline_is_for_the_whole_answer(name: str, toxic: Toxic) -> None:
    with rpc_world(1, REAL) as world:
        world.proxies[0].toxics = [toxic]
        began = time.monotonic()
        answer = world.get("p0")
        seconds = time.monotonic() - began
    print(f"R11: {name}: 503 after {seconds:.2f} s")
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert b"within 2.5 s" in answer.body


def test_R11_a_drip_at_one_endpoint_is_hedged() -> None:
    with rpc_world(2, REAL) as world:
        world.proxies[0].toxics = [bandwidth(1)]
        began = time.monotonic()
        assert world.get("p0").status == 200
        print(f"R11: hedged after {time.monotonic() - began:.2f} s")


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
