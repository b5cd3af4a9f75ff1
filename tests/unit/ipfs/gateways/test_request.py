"""Requests to gateways and the check of their answers."""

import hashlib
from collections.abc import Mapping
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import GatewayError, InvalidSettings
from dipmp_lib.http import Answer, Fetcher
from dipmp_lib.ipfs.cid import DAG_PB, Cid, raw_cid
from dipmp_lib.ipfs.gateways import RAW_TYPE, gateway_base
from dipmp_lib.ipfs.gateways.request import (
    AbsentError,
    GatewayClient,
    NotRawError,
    WrongBytesError,
    file_url,
    is_public,
)
from dipmp_lib.ipfs.unixfs import Leaf

BASE, DATA = "https://g.example/ipfs", b"a wheel"
CID = raw_cid(hashlib.sha256(DATA).digest())
FILE = Cid(DAG_PB, bytes(32))
LEAF = Leaf(CID, 100, len(DATA))


class CannedFetcher:
    """Answers every request with the same answer."""

    def __init__(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.answer = Answer(status, headers or {}, body)
        self.asked: list[tuple[str, str, Mapping[str, str], int]] = []

    def fetch(self, method: str, url: str, *, headers: Mapping[str, str], max_bytes: int, **_: object) -> Answer:
        self.asked.append((method, url, headers, max_bytes))
        return self.answer


def client(
    status: int, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> tuple[GatewayClient, CannedFetcher]:
    fetcher = CannedFetcher(status, body, headers)
    return GatewayClient(cast("Fetcher", fetcher)), fetcher


@pytest.mark.parametrize(
    "url", ["https://g.example", "https://g.example/", "https://g.example/ipfs", " https://g.example/ipfs/ "]
)
def test_both_ways_of_writing_a_gateway(url: str) -> None:
    assert gateway_base(url) == "https://g.example/ipfs"


def test_a_prefix_before_ipfs_is_kept() -> None:
    assert gateway_base("http://h:8080/store/ipfs") == "http://h:8080/store/ipfs"


def test_a_base_with_query_or_fragment_is_refused() -> None:
    for url in ("https://g.example/?a=b", "https://g.example/#x"):
        with pytest.raises(InvalidSettings, match="has a query or fragment"):
            gateway_base(url)


def test_messages_about_an_unusable_base_show_no_secret() -> None:
    with pytest.raises(InvalidSettings) as caught:
        gateway_base("https://user:hunter2@g.example:0/key")
    assert "hunter2" not in str(caught.value)


def test_bases_with_a_user_are_for_this_server_alone() -> None:
    assert is_public("https://g.example/ipfs")
    assert is_public("https://g.example/a@b/ipfs")
    assert not is_public("https://user@g.example/ipfs")


@given(st.text(max_size=40))
def test_a_file_name_stays_in_the_query(name: str) -> None:
    url = file_url(BASE, CID, name)
    path, _, query = url.partition("?filename=")
    assert path == f"{BASE}/{CID}"
    assert query.isascii()
    assert not set(query) & set("?&#/= ")


def test_a_probe_asks_for_the_size() -> None:
    gateway, fetcher = client(200, b"", {"content-length": "7"})
    gateway.probe(BASE, CID, "x.whl", 7, 1)
    assert fetcher.asked == [("HEAD", f"{BASE}/{CID}?filename=x.whl", {}, 0)]
    with pytest.raises(GatewayError, match="does not say that the file has 8 bytes"):
        gateway.probe(BASE, CID, "x.whl", 8, 1)


@pytest.mark.parametrize("headers", [{"content-type": "Text/HTML; charset=utf-8"}, {"accept-ranges": "None"}])
def test_a_probe_refuses_pages_and_bodies_that_cannot_be_resumed(headers: dict[str, str]) -> None:
    gateway, _ = client(200, b"", {"content-length": "7"} | headers)
    with pytest.raises(GatewayError, match="a page or a body that cannot be resumed"):
        gateway.probe(BASE, CID, "x.whl", 7, 1)


@pytest.mark.parametrize(("status", "absent"), [(404, True), (410, True), (451, True), (429, False), (503, False)])
def test_absence_is_told_from_failure(status: int, absent: bool) -> None:
    gateway, _ = client(status)
    with pytest.raises(GatewayError, match=f"https://g.example/… answered {status}") as caught:
        gateway.probe(BASE, CID, "x.whl", 7, 1)
    assert isinstance(caught.value, AbsentError) == absent


def test_a_block_is_verified_whatever_its_type() -> None:
    gateway, fetcher = client(200, DATA, {"content-type": "application/zip"})
    assert gateway.block(BASE, CID, 1000, 1) == DATA
    assert fetcher.asked == [("GET", f"{BASE}/{CID}?format=raw", {"Accept": RAW_TYPE}, 1000)]


def test_wrong_bytes_are_a_lie_only_where_they_are_called_a_block() -> None:
    with pytest.raises(WrongBytesError):
        client(200, b"other", {"content-type": RAW_TYPE})[0].block(BASE, CID, 1000, 1)
    with pytest.raises(GatewayError, match="does not serve raw blocks, but 'text/html'") as caught:
        client(200, b"<html>", {"content-type": "text/html"})[0].block(BASE, CID, 1000, 1)
    assert not isinstance(caught.value, WrongBytesError)


@pytest.mark.parametrize("status", [400, 404, 406, 415, 501])
def test_a_gateway_without_raw_blocks_may_still_have_the_file(status: int) -> None:
    with pytest.raises(NotRawError):
        client(status)[0].block(BASE, CID, 1000, 1)


def test_a_part_is_a_verified_range_of_the_file() -> None:
    gateway, fetcher = client(206, DATA, {"content-range": "bytes 100-106/1000"})
    assert gateway.part(BASE, FILE, LEAF, 1) == DATA
    assert fetcher.asked == [("GET", f"{BASE}/{FILE}", {"Accept": "*/*", "Range": "bytes=100-106"}, 7)]


@pytest.mark.parametrize(
    ("status", "content_range"), [(200, ""), (206, ""), (206, "bytes 0-6/1000"), (206, "bytes 100-1060/2000")]
)
def test_another_range_is_refused(status: int, content_range: str) -> None:
    with pytest.raises(GatewayError, match="answered"):
        client(status, DATA, {"content-range": content_range})[0].part(BASE, FILE, LEAF, 1)


def test_a_range_of_other_bytes_is_a_lie() -> None:
    with pytest.raises(WrongBytesError):
        client(206, b"other!!", {"content-range": "bytes 100-106/*"})[0].part(BASE, FILE, LEAF, 1)
