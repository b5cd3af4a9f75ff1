"""Gateways: the best that has a file, the next where one fails, and never a byte that is not the CID's."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from dipmp_lib.errors import GatewayError, InvalidSettings
from dipmp_lib.http import Fetcher
from dipmp_lib.ipfs.cid import Cid, raw_cid
from dipmp_lib.ipfs.gateways import RAW_TYPE, GatewayPool, health
from dipmp_lib.telemetry import Event
from tests.support.fakes.clock import Clock
from tests.support.fakes.scripted_http import Reply, Request, ScriptedServer, scripted_server
from tests.support.fakes.telemetry import RecordedTelemetry
from tests.support.waiting import HANGS

CONTENTS = [b"a wheel", b"another", b"a third"]
CIDS = [raw_cid(hashlib.sha256(content).digest()) for content in CONTENTS]
DATA, CID, OTHER, THIRD = CONTENTS[0], *CIDS
RAW = {"Content-Type": RAW_TYPE}
CLOSED = "http://127.0.0.1:1"
Answer = Callable[[Request], Reply]


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    fetcher = Fetcher()
    yield fetcher
    fetcher.close()


def has(request: Request) -> Reply:
    wanted = urlsplit(request.target).path.removeprefix("/ipfs/")
    found = [content for cid, content in zip(CIDS, CONTENTS, strict=True) if str(cid) == wanted]
    return Reply(200, found[0], RAW if "format=raw" in request.target else {}) if found else Reply(404)


def lacks(_: Request) -> Reply:
    return Reply(404)


def broken(_: Request) -> Reply:
    return Reply(503)


def lies(_: Request) -> Reply:
    return Reply(200, b"a wheeL", RAW)


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
def told() -> RecordedTelemetry:
    return RecordedTelemetry()


@pytest.fixture
def both(
    first: ScriptedServer, second: ScriptedServer, fetcher: Fetcher, clock: Clock, told: RecordedTelemetry
) -> GatewayPool:
    urls = [first.url, f"{second.url}/ipfs"]
    return GatewayPool(
        urls, fetcher, probe_deadline=HANGS, fetch_deadline=HANGS, hedge=HANGS, clock=clock, telemetry=told
    )


def pick(gateways: GatewayPool, cid: Cid = CID) -> str:
    return gateways.pick(cid, "x.whl", 7)


@pytest.mark.parametrize(
    "url", ["", "ipfs.io", "ftp://g.example", "https://g.example/?a=b", "https://g.example/#x", "https://"]
)
def test_an_unusable_gateway_is_refused_at_once(url: str, fetcher: Fetcher) -> None:
    with pytest.raises(InvalidSettings):
        GatewayPool([url], fetcher)


def test_the_url_names_the_file_and_quotes_it(both: GatewayPool, first: ScriptedServer) -> None:
    target = f"/ipfs/{CID}?filename=a%20b%26c%3Dd%2F%C3%A9%23%2B.whl"
    assert both.pick(CID, "a b&c=d/é#+.whl", len(DATA)) == first.url + target
    probe, proof = first.requests
    assert (probe.method, probe.target) == ("HEAD", target)
    assert (proof.method, proof.target) == ("GET", f"/ipfs/{CID}?format=raw")


HEAD_ANSWERS = {
    "404": Reply(404),
    "410": Reply(410),
    "429": Reply(429),
    "500": Reply(500),
    "504": Reply(504),
    "302": Reply(302),
    "206": Reply(206),
    "other-size": Reply(200, b"seven or"),
    "chunked": Reply(200, b"", {"Content-Length": "", "Transfer-Encoding": "chunked"}),
    "html": Reply(200, DATA, {"Content-Type": "text/html; charset=utf-8"}),
    "no-ranges": Reply(200, DATA, {"Accept-Ranges": "none"}),
}


@pytest.mark.parametrize("reply", HEAD_ANSWERS.values(), ids=HEAD_ANSWERS)
def test_the_next_gateway_is_picked(
    reply: Reply, both: GatewayPool, first: ScriptedServer, second: ScriptedServer
) -> None:
    first.answer = lambda request: reply if request.method == "HEAD" else has(request)
    assert pick(both).startswith(second.url)


@pytest.mark.parametrize(
    "reply",
    [Reply(200, b"<html>", {"Content-Type": "text/html"}), Reply(406), lies(Request("", "", {}, b""))],
    ids=["html", "no raw blocks", "lie"],
)
def test_a_gateway_that_proves_nothing_is_not_picked(
    reply: Reply, both: GatewayPool, first: ScriptedServer, second: ScriptedServer
) -> None:
    first.answer = lambda request: has(request) if request.method == "HEAD" else reply
    assert pick(both).startswith(second.url)


def test_a_gateway_proves_itself_once_in_a_while(both: GatewayPool, first: ScriptedServer, clock: Clock) -> None:
    pick(both)
    pick(both, OTHER)
    assert [request.method for request in first.requests] == ["HEAD", "GET", "HEAD"]
    clock.now += health.VERIFIED_SECONDS
    pick(both)
    assert [request.method for request in first.requests[3:]] == ["HEAD", "GET"]


def test_a_gateway_with_a_password_is_read_from_but_never_handed_out(first: ScriptedServer, fetcher: Fetcher) -> None:
    gateways = GatewayPool([first.url.replace("http://", "http://user:hunter2@")], fetcher)
    assert gateways.block(CID) == DATA
    with pytest.raises(GatewayError) as caught:
        pick(gateways)
    assert "hunter2" not in str(caught.value)


def test_a_gateway_that_hangs_or_is_not_there_is_passed_over(second: ScriptedServer, fetcher: Fetcher) -> None:
    released = threading.Event()
    with scripted_server(lambda _: Reply(wait=released)) as slow:
        picker = GatewayPool([slow.url, CLOSED, second.url], fetcher, probe_deadline=HANGS, hedge=0.1)
        assert pick(picker).startswith(second.url)
        released.set()


def test_a_second_gateway_is_asked_when_the_first_takes_long(
    first: ScriptedServer, second: ScriptedServer, fetcher: Fetcher
) -> None:
    released = threading.Event()
    with scripted_server(lambda request: Reply(200, DATA, RAW, wait=released)) as slow:
        gateways = GatewayPool([slow.url, first.url, second.url], fetcher, hedge=0.1)
        assert gateways.block(CID) == DATA
        assert len(first.requests) == len(slow.requests) == 1
        released.set()
        assert gateways.block(OTHER) == CONTENTS[1]
    assert not second.requests
    assert len(slow.requests) == 1, "one that was overtaken is not asked first again"


def test_none_has_it_and_every_reason_is_told(both: GatewayPool, first: ScriptedServer, second: ScriptedServer) -> None:
    first.answer, second.answer = lacks, broken
    with pytest.raises(GatewayError, match=r"answered 404; .* answered 503") as caught:
        pick(both)
    assert str(CID) in str(caught.value)
    assert caught.value.hint


def test_no_gateway_configured(fetcher: Fetcher) -> None:
    with pytest.raises(GatewayError, match="none is configured"):
        pick(GatewayPool([], fetcher))
    with pytest.raises(GatewayError, match="none is configured"):
        GatewayPool([], fetcher).block(CID)


def test_a_good_answer_is_remembered_for_a_while(both: GatewayPool, first: ScriptedServer, clock: Clock) -> None:
    assert both.peek(CID, "x.whl") is None
    picked = {pick(both) for _ in range(3)}
    assert picked == {both.peek(CID, "x.whl")}
    assert [request.method for request in first.requests] == ["HEAD", "GET"]
    clock.now += health.PRESENT_SECONDS
    assert both.peek(CID, "x.whl") is None
    pick(both)
    assert len(first.requests) == 3


def test_a_bad_answer_is_remembered_for_a_moment(
    both: GatewayPool, first: ScriptedServer, second: ScriptedServer, clock: Clock
) -> None:
    first.answer, second.answer = broken, lacks
    for _ in range(5):
        with pytest.raises(GatewayError):
            pick(both)
    assert len(first.requests) == len(second.requests) == 1
    first.answer = has
    clock.now += health.ABSENT_SECONDS
    assert pick(both).startswith(first.url)


def test_a_failure_is_remembered_for_a_while(
    both: GatewayPool, first: ScriptedServer, second: ScriptedServer, clock: Clock
) -> None:
    first.answer = broken
    pick(both)
    first.answer = has
    assert pick(both, OTHER).startswith(second.url)
    clock.now += health.WINDOW_SECONDS
    assert pick(both, THIRD).startswith(first.url)


def test_absence_is_not_held_against_a_gateway(
    both: GatewayPool, first: ScriptedServer, told: RecordedTelemetry
) -> None:
    first.answer = lacks
    pick(both)
    first.answer = has
    assert pick(both, OTHER).startswith(first.url)
    assert told.events == []


def test_a_file_once_seen_on_a_gateway_that_fails_is_asked_for_again(
    both: GatewayPool, first: ScriptedServer, second: ScriptedServer, clock: Clock
) -> None:
    assert pick(both).startswith(first.url)
    clock.now += health.PRESENT_SECONDS
    first.answer = broken
    assert pick(both).startswith(second.url)


def test_a_block_is_asked_for_in_both_ways_and_verified(both: GatewayPool, first: ScriptedServer) -> None:
    assert both.block(CID) == DATA
    request = first.requests[0]
    assert (request.method, request.target) == ("GET", f"/ipfs/{CID}?format=raw")
    assert request.headers["accept"] == RAW_TYPE


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"a wheeL", RAW),
        Reply(200, b"", RAW),
        Reply(200, b"<html>", {"Content-Type": "text/html"}),
        Reply(200, b"a file"),
        Reply(200, DATA, {**RAW, "Content-Length": "8"}),
        Reply(200, bytes(10_000), RAW),
        Reply(404, DATA, RAW),
        Reply(301, b"", {"Location": "http://127.0.0.1:1/"}),
        Reply(200, DATA, {**RAW, "Content-Encoding": "gzip"}),
    ],
    ids=["flipped", "empty", "html", "untyped", "truncated", "oversized", "missing", "moved", "gzip"],
)
def test_a_block_that_is_not_right_comes_from_the_next_gateway(
    reply: Reply, both: GatewayPool, first: ScriptedServer, second: ScriptedServer, clock: Clock
) -> None:
    first.answer = lambda _: reply
    assert both.block(CID, 1000) == DATA
    assert len(second.requests) == 1
    second.answer = first.answer
    clock.now += health.ABSENT_SECONDS
    with pytest.raises(GatewayError, match=str(CID)):
        both.block(CID, 1000)


@pytest.mark.parametrize("content_type", ["Application/vnd.ipld.raw; charset=binary", "application/zip", ""])
def test_bytes_that_verify_are_the_block_whatever_they_are_called(
    content_type: str, both: GatewayPool, first: ScriptedServer, second: ScriptedServer
) -> None:
    first.answer = lambda _: Reply(200, DATA, {"Content-Type": content_type})
    assert both.block(CID) == DATA
    assert not second.requests


def test_a_gateway_that_lied_is_benched(
    both: GatewayPool, first: ScriptedServer, second: ScriptedServer, clock: Clock, told: RecordedTelemetry
) -> None:
    first.answer = lies
    both.block(CID)
    assert told.events == [Event.GATEWAY_LIED]
    first.answer, second.answer = has, broken
    clock.now += health.DISTRUST_SECONDS - 1
    with pytest.raises(GatewayError) as caught:
        pick(both)
    assert first.url not in str(caught.value), "no client is sent there"
    assert both.block(OTHER) == CONTENTS[1], "what is verified may come from anywhere"
    clock.now += 1
    assert pick(both, THIRD).startswith(first.url)


def test_what_was_seen_last(both: GatewayPool, first: ScriptedServer, second: ScriptedServer) -> None:
    assert both.last_seen(CID) is None
    pick(both)
    seen = both.last_seen(CID)
    assert seen is not None
    assert seen.available
    first.answer = second.answer = lacks
    with pytest.raises(GatewayError):
        both.block(OTHER)
    missed = both.last_seen(OTHER)
    assert missed is not None
    assert not missed.available
    assert missed.time >= seen.time > 1.6e9


def test_a_client_that_resumes_is_sent_elsewhere(
    both: GatewayPool, first: ScriptedServer, second: ScriptedServer
) -> None:
    assert both.pick(CID, "x.whl", 7, resumed=True).startswith(first.url), "nothing is known of this file yet"
    assert both.pick(CID, "x.whl", 7, resumed=True).startswith(second.url)
    assert pick(both).startswith(first.url)
    asked = len(second.requests)
    assert both.pick(CID, "x.whl", 7, resumed=True).startswith(second.url)
    assert len(second.requests) == asked


def test_a_client_that_resumes_is_sent_back_where_nobody_else_has_it(both: GatewayPool, second: ScriptedServer) -> None:
    pick(both)
    second.answer = lacks
    assert both.pick(CID, "x.whl", 7, resumed=True) == pick(both)


def test_many_threads_probe_once(both: GatewayPool, first: ScriptedServer) -> None:
    released, found = threading.Event(), list[str]()

    def slow(request: Request) -> Reply:
        released.wait(HANGS)
        return has(request)

    first.answer = slow
    threads = [threading.Thread(target=lambda: found.append(pick(both))) for _ in range(8)]
    for thread in threads:
        thread.start()
    released.set()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len([request for request in first.requests if request.method == "HEAD"]) == 1


def test_all_gateways_together_have_a_bounded_time(
    both: GatewayPool, first: ScriptedServer, second: ScriptedServer, clock: Clock
) -> None:
    def slow(_: Request) -> Reply:
        clock.now += 9
        return Reply(404)

    first.answer = slow
    for call in (lambda: pick(both), lambda: both.block(OTHER)):
        with pytest.raises(GatewayError, match="no time was left"):
            call()
    assert not second.requests


def test_secrets_in_a_gateway_url_stay_out_of_messages(fetcher: Fetcher) -> None:
    with pytest.raises(GatewayError) as caught:
        GatewayPool(["http://user:hunter2@127.0.0.1:1/key-abc"], fetcher).block(CID)
    assert "hunter2" not in str(caught.value)
    assert "key-abc" not in str(caught.value)
