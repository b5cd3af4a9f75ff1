"""Gateways that fail, lie, stall or lead astray (G1 to G9), seen by a plain client of the index in both modes."""

import hashlib
import http.client
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import pytest

from dipmp_lib.ipfs.cid import file_cid, raw_cid
from dipmp_lib.ipfs.gateways.health import DISTRUST_SECONDS
from dipmp_lib.telemetry import Event
from tests.support.faulty.fault_proxy import FaultProxy
from tests.support.faulty.toxics import Request, Toxic, bandwidth, hang, only, override, reset, rewrite, truncate
from tests.support.files.content import MIB
from tests.support.systems.index_and_gateways import (
    MODES,
    Content,
    Lab,
    Server,
    file_lab,
    file_server,
    is_get,
    to_client,
)
from tests.support.waiting import HANGS

"""In which a client has to have its file, or at least its first byte."""


@dataclass(frozen=True)
class Got:
    status: int
    body: bytes
    url: str
    seconds: float
    retry_after: int = 0


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with file_lab(tmp_path_factory.mktemp("lab")) as made:
        yield made


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["small", "large"])
def wheel(request: pytest.FixtureRequest, lab: Lab) -> Content:
    return lab.small if request.param == "small" else lab.large


def get(url: str, redirects: int = 5) -> Got:
    """Download as a client does that knows nothing of gateways; raises where the body ends early."""
    began = time.monotonic()
    for _ in range(redirects):
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=HANGS)
        try:
            connection.request("GET", parts._replace(scheme="", netloc="").geturl())
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != 302:
            retry_after = int(answer.headers.get("retry-after", "0"))
            return Got(answer.status, body, url, time.monotonic() - began, retry_after)
        url = urljoin(url, answer.headers["location"])
    raise AssertionError("too many redirects")


def check(server: Server, wheel: Content) -> Got:
    got = get(server.origin + wheel.path)
    print(f"{wheel.name}: {got.status} after {got.seconds:.2f} s")
    assert (got.status, got.body == wheel.data) == (200, True)
    return got


@pytest.mark.parametrize("status", [404, 504], ids=["G1", "G2"])
def test_G1_G2_the_next_gateway_is_taken(lab: Lab, mode: str, wheel: Content, status: int) -> None:
    with file_server(lab, mode, (override(status),), ()) as server:
        check(server, wheel)
        assert {r.path for r in server.gateways[0].requests if to_client(r)} == set()


def flipped(body: bytes) -> bytes:
    return body[:-1] + bytes([body[-1] ^ 1]) if body else body


def test_G3_wrong_bytes_bench_a_gateway(lab: Lab, mode: str, wheel: Content) -> None:
    with file_server(lab, mode, (only(is_get, rewrite(flipped)),), ()) as server:
        check(server, wheel)
        liar, honest = server.gateways
        assert Event.GATEWAY_LIED in server.told.events
        assert not [r for r in liar.requests if to_client(r)], "no client was sent there"
        liar.reset()
        check(server, lab.small if wheel is lab.large else lab.large)
        assert not liar.requests, f"benched for {DISTRUST_SECONDS:.0f} s"
        assert honest.requests


def test_G3_another_valid_wheel_is_not_the_file(lab: Lab, mode: str, wheel: Content) -> None:
    other = lab.small if wheel is lab.large else lab.large

    def swapped(body: bytes) -> bytes:
        return other.data[: len(body)] if len(body) > 100 else body

    with file_server(lab, mode, (only(is_get, rewrite(swapped)),), ()) as server:
        check(server, wheel)


def test_G3_stream_no_wrong_byte_leaves_the_server(lab: Lab, wheel: Content) -> None:
    with file_server(lab, "stream", (only(is_get, rewrite(flipped)),)) as server:
        got = get(server.origin + wheel.path)
    assert got.status == 503
    assert got.body[:50] != wheel.data[:50]


@pytest.mark.parametrize("end", [truncate, reset], ids=["close", "RST"])
def test_G4_stream_a_truncated_block_comes_from_the_next_gateway(lab: Lab, wheel: Content, end: type) -> None:
    first = only(lambda r: is_get(r) and is_leaf(r, lab), end(len(lab.small.data) // 2))
    with file_server(lab, "stream", (first,), ()) as server:
        check(server, wheel)
        assert [r for r in server.gateways[1].requests if is_leaf(r, lab)], "resumed at the block that broke off"


def test_G4_redirect_a_client_that_resumes_is_sent_to_another_gateway(lab: Lab) -> None:
    wheel, half = lab.large, len(lab.large.data) // 2
    with file_server(lab, "redirect", (only(lambda r: is_get(r) and to_client(r), reset(half)),), ()) as server:
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            get(server.origin + wheel.path)
        rest, location = resume(server.origin + wheel.path, half)
        assert location.startswith(server.gateways[1].url)
        assert rest == wheel.data[half:]


def resume(url: str, start: int) -> tuple[bytes, str]:
    headers, location = {"Range": f"bytes={start}-"}, ""
    for _ in range(2):
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=HANGS)
        try:
            connection.request("GET", parts._replace(scheme="", netloc="").geturl(), headers=headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status == 206:
            return body, location
        assert answer.status == 302
        url = location = answer.headers["location"]
    raise AssertionError("no partial content")


def is_leaf(request: Request, lab: Lab) -> bool:
    """Tell requests for blocks that are content from those for the large wheel's root."""
    root = str(file_cid(lab.large.file.sha256, lab.large.file.dag_root))
    return "format=raw" in request.path and root not in request.path


SLOW: dict[str, Toxic] = {"G5-drip": bandwidth(10), "G6-stall": hang(after=100), "G6-silence": hang()}


@pytest.mark.parametrize("toxic", SLOW.values(), ids=SLOW)
def test_G5_G6_a_slow_gateway_is_abandoned(lab: Lab, mode: str, wheel: Content, toxic: Toxic) -> None:
    """What drips or hangs never ends: a download that does did not wait for it."""
    with file_server(lab, mode, (toxic,), ()) as server:
        slow, quick = server.gateways
        check(server, wheel)
        slow.reset()
        quick.reset()
        check(server, lab.small if wheel is lab.large else lab.large)
        assert len(slow.requests) < len(quick.requests), "what was overtaken is not asked first again"


@pytest.mark.parametrize("toxic", list(SLOW.values())[:2], ids=list(SLOW)[:2])
def test_G5_G6_stream_leaves_that_stall_are_abandoned(lab: Lab, toxic: Toxic) -> None:
    with file_server(lab, "stream", (only(lambda r: is_leaf(r, lab), toxic),), ()) as server:
        check(server, lab.large)


PORTAL = b"<!doctype html><title>Welcome</title>" + b" " * 4000


def test_G7_a_captive_portal_is_no_gateway(lab: Lab, mode: str, wheel: Content) -> None:
    portal = override(200, PORTAL, {"Content-Type": "text/html"})
    with file_server(lab, mode, (portal,), ()) as server:
        check(server, wheel)


def test_G7_html_of_the_right_length_is_no_file(lab: Lab, mode: str, wheel: Content) -> None:
    page = PORTAL.ljust(len(wheel.data))[: len(wheel.data)]
    for content_type in ("text/html", "application/octet-stream", "application/vnd.ipld.raw"):
        with file_server(lab, mode, (override(200, page, {"Content-Type": content_type}),), ()) as server:
            check(server, wheel)


@pytest.mark.parametrize("status", [301, 302])
@pytest.mark.parametrize("to", ["loop", "private", "plain"])
def test_G8_no_redirect_of_a_gateway_is_followed(lab: Lab, mode: str, status: int, to: str) -> None:
    with FaultProxy(lambda _: (200, b"secret")) as canary:
        target = {"loop": "?again", "private": f"{canary.url}/latest/meta-data/", "plain": f"{canary.url}/ipfs/x"}[to]
        trap = override(status, b"", {"Location": target})
        with file_server(lab, mode, (trap,), ()) as server:
            got = check(server, lab.small)
            assert canary.connections == 0
            assert not got.url.startswith(canary.url)
            assert len(server.gateways[0].requests) <= 3


DEAD: dict[str, Toxic] = {
    "refused": override(503),
    "absent": override(404),
    "gateway-timeout": override(504),
    "silent": hang(),
    "reset": reset(),
}


@pytest.mark.parametrize("toxic", DEAD.values(), ids=DEAD)
def test_G9_all_dead_is_one_clear_503(lab: Lab, mode: str, toxic: Toxic) -> None:
    with file_server(lab, mode, (toxic,), (toxic,), patience=1.5) as server:
        for path in (lab.large.path, f"{lab.small.path}.metadata"):
            got = get(server.origin + path)
            print(f"{path[-20:]}: {got.status} after {got.seconds:.2f} s")
            assert got.status == 503
            assert 2 <= got.retry_after <= 5
            assert b"gateway" in got.body


def test_G9_stream_a_file_that_breaks_off_for_good_is_never_complete(lab: Lab) -> None:
    fifth = str(raw_cid(hashlib.sha256(lab.large.data[4 * MIB : 5 * MIB]).digest()))
    with file_server(lab, "stream", (only(lambda r: fifth in r.path, override(503)),)) as server:
        with pytest.raises(http.client.IncompleteRead) as caught:
            get(server.origin + lab.large.path)
        assert caught.value.partial == lab.large.data[: 3 * MIB], "one piece is held back, as it may be the last"
        assert Event.DOWNLOAD_FAILED in server.told.events
