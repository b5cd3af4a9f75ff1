"""Gateways: the first that has a file, the next where one fails, and never a byte that is not the CID's."""

import hashlib
import threading
from collections.abc import Iterator

import pytest

from dipmp_lib import gateways
from dipmp_lib.cid import raw_cid
from dipmp_lib.errors import GatewayError, InvalidSettings
from dipmp_lib.gateways import RAW_TYPE, Gateways, gateway_base
from dipmp_lib.http import Fetcher
from tests.support.scripted_http import Reply, Request, ScriptedServer, scripted_server

DATA = b"a wheel"
CID = raw_cid(hashlib.sha256(DATA).digest())
RAW = {"Content-Type": RAW_TYPE}
CLOSED = "http://127.0.0.1:1"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    fetcher = Fetcher()
    yield fetcher
    fetcher.close()


def has(_: Request) -> Reply:
    return Reply(200, DATA, RAW)


def lacks(_: Request) -> Reply:
    return Reply(404)


def broken(_: Request) -> Reply:
    return Reply(503)


@pytest.fixture
def first() -> Iterator[ScriptedServer]:
    with scripted_server(has) as server:
        yield server


@pytest.fixture
def second() -> Iterator[ScriptedServer]:
    with scripted_server(has) as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def both(first: ScriptedServer, second: ScriptedServer, fetcher: Fetcher, clock: Clock) -> Gateways:
    return Gateways([first.url, f"{second.url}/ipfs"], fetcher, probe_deadline=0.5, fetch_deadline=0.5, clock=clock)


@pytest.mark.parametrize(
    "url", ["https://g.example", "https://g.example/", "https://g.example/ipfs", " https://g.example/ipfs/ "]
)
def test_both_ways_of_writing_a_gateway(url: str) -> None:
    assert gateway_base(url) == "https://g.example/ipfs"


def test_a_prefix_before_ipfs_is_kept() -> None:
    assert gateway_base("http://h:8080/store/ipfs") == "http://h:8080/store/ipfs"


@pytest.mark.parametrize(
    "url", ["", "ipfs.io", "ftp://g.example", "https://g.example/?a=b", "https://g.example/#x", "https://"]
)
def test_an_unusable_gateway_is_refused_at_once(url: str, fetcher: Fetcher) -> None:
    with pytest.raises(InvalidSettings):
        Gateways([url], fetcher)


def test_the_url_names_the_file_and_quotes_it(both: Gateways, first: ScriptedServer) -> None:
    assert both.pick(CID, "a b&c=d/é#+.whl") == f"{first.url}/ipfs/{CID}?filename=a%20b%26c%3Dd%2F%C3%A9%23%2B.whl"
    assert [(request.method, request.target) for request in first.requests] == [("HEAD", f"/ipfs/{CID}")]


@pytest.mark.parametrize("reply", [Reply(404), Reply(410), Reply(429), Reply(500), Reply(504), Reply(302), Reply(206)])
def test_the_next_gateway_is_picked(
    reply: Reply, both: Gateways, first: ScriptedServer, second: ScriptedServer
) -> None:
    first.answer = lambda _: reply
    assert both.pick(CID, "x.whl").startswith(second.url)


def test_a_gateway_that_hangs_or_is_not_there_is_passed_over(second: ScriptedServer, fetcher: Fetcher) -> None:
    released = threading.Event()
    with scripted_server(lambda _: Reply(wait=released)) as slow:
        picker = Gateways([slow.url, CLOSED, second.url], fetcher, probe_deadline=0.2)
        assert picker.pick(CID, "x.whl").startswith(second.url)
        released.set()


def test_none_has_it_and_every_reason_is_told(both: Gateways, first: ScriptedServer, second: ScriptedServer) -> None:
    first.answer, second.answer = lacks, broken
    with pytest.raises(GatewayError, match=r"answered 404; .* answered 503") as caught:
        both.pick(CID, "x.whl")
    assert str(CID) in str(caught.value)
    assert caught.value.hint


def test_no_gateway_configured(fetcher: Fetcher) -> None:
    with pytest.raises(GatewayError, match="none is configured"):
        Gateways([], fetcher).pick(CID, "x.whl")
    with pytest.raises(GatewayError, match="none is configured"):
        Gateways([], fetcher).block(CID)


def test_a_good_answer_is_remembered_for_a_while(both: Gateways, first: ScriptedServer, clock: Clock) -> None:
    for _ in range(3):
        both.pick(CID, "x.whl")
    assert len(first.requests) == 1
    clock.now += gateways.HAS_SECONDS
    both.pick(CID, "x.whl")
    assert len(first.requests) == 2


def test_a_failure_is_remembered_for_a_while(
    both: Gateways, first: ScriptedServer, second: ScriptedServer, clock: Clock
) -> None:
    first.answer = broken
    both.pick(CID, "x.whl")
    first.answer = has
    other = raw_cid(bytes(32))
    assert both.pick(other, "y.whl").startswith(second.url)
    clock.now += gateways.DOWN_SECONDS
    assert both.pick(raw_cid(b"1" * 32), "z.whl").startswith(first.url)


def test_absence_is_not_held_against_a_gateway(both: Gateways, first: ScriptedServer) -> None:
    first.answer = lacks
    both.pick(CID, "x.whl")
    first.answer = has
    assert both.pick(raw_cid(bytes(32)), "y.whl").startswith(first.url)


def test_gateways_that_failed_are_still_the_last_resort(
    both: Gateways, first: ScriptedServer, second: ScriptedServer
) -> None:
    first.answer = second.answer = broken
    with pytest.raises(GatewayError):
        both.pick(CID, "x.whl")
    second.answer = has
    assert both.pick(CID, "x.whl").startswith(second.url)


def test_a_file_once_seen_on_a_gateway_that_fails_is_asked_for_again(
    both: Gateways, first: ScriptedServer, second: ScriptedServer
) -> None:
    assert both.pick(CID, "x.whl").startswith(first.url)
    first.answer = broken
    both.pick(raw_cid(bytes(32)), "y.whl")
    assert both.pick(CID, "x.whl").startswith(second.url)


def test_a_block_is_asked_for_in_both_ways_and_verified(both: Gateways, first: ScriptedServer) -> None:
    assert both.block(CID) == DATA
    request = first.requests[0]
    assert (request.method, request.target) == ("GET", f"/ipfs/{CID}?format=raw")
    assert request.headers["accept"] == RAW_TYPE


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"a wheeL", RAW),
        Reply(200, b"", RAW),
        Reply(200, DATA, {"Content-Type": "application/octet-stream"}),
        Reply(200, b"<html>", {"Content-Type": "text/html"}),
        Reply(200, DATA),
        Reply(200, DATA, {**RAW, "Content-Length": "8"}),
        Reply(200, bytes(10_000), RAW),
        Reply(404, DATA, RAW),
        Reply(301, b"", {"Location": "http://127.0.0.1:1/"}),
        Reply(200, DATA, {**RAW, "Content-Encoding": "gzip"}),
    ],
    ids=["flipped", "empty", "file", "html", "untyped", "truncated", "oversized", "missing", "moved", "gzip"],
)
def test_a_block_that_is_not_right_comes_from_the_next_gateway(
    reply: Reply, both: Gateways, first: ScriptedServer, second: ScriptedServer
) -> None:
    first.answer = lambda _: reply
    assert both.block(CID, 1000) == DATA
    assert len(second.requests) == 1
    second.answer = first.answer
    with pytest.raises(GatewayError, match=str(CID)):
        both.block(CID, 1000)


def test_a_media_type_with_parameters_is_the_same_type(
    both: Gateways, first: ScriptedServer, second: ScriptedServer
) -> None:
    first.answer = lambda _: Reply(200, DATA, {"Content-Type": "Application/vnd.ipld.raw; charset=binary"})
    assert both.block(CID) == DATA
    assert not second.requests


def test_a_gateway_that_lied_is_avoided_for_longer(
    both: Gateways, first: ScriptedServer, second: ScriptedServer, clock: Clock
) -> None:
    first.answer = lambda _: Reply(200, b"wrong", RAW)
    both.block(CID)
    first.answer = has
    clock.now += gateways.LIED_SECONDS - 1
    assert both.pick(CID, "x.whl").startswith(second.url)
    clock.now += 1
    assert both.pick(raw_cid(bytes(32)), "x.whl").startswith(first.url)


def test_what_is_remembered_is_bounded(
    first: ScriptedServer, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateways, "_MAX_REMEMBERED", 3)
    picker = Gateways([first.url], fetcher)
    for index in range(5):
        picker.pick(raw_cid(bytes([index]) * 32), "x.whl")
    assert len(picker._health._had_until) == 3


def test_all_gateways_together_have_a_bounded_time(
    both: Gateways, first: ScriptedServer, second: ScriptedServer, clock: Clock
) -> None:
    def slow(_: Request) -> Reply:
        clock.now += 9
        return Reply(404)

    first.answer = slow
    for call in (lambda: both.pick(CID, "x.whl"), lambda: both.block(CID)):
        with pytest.raises(GatewayError, match="no time was left"):
            call()
    assert not second.requests


def test_secrets_in_a_gateway_url_stay_out_of_messages(fetcher: Fetcher) -> None:
    with pytest.raises(GatewayError) as caught:
        Gateways(["http://user:hunter2@127.0.0.1:1/key-abc"], fetcher).pick(CID, "x.whl")
    assert "hunter2" not in str(caught.value)
    assert "key-abc" not in str(caught.value)
