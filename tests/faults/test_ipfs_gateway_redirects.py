"""Where a redirect can lead (H6): to a configured gateway's `/ipfs/{cid}`, whatever names and gateways say."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import cast
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import InvalidSettings, Upstream
from dipmp_lib.http import Answer, Fetcher
from dipmp_lib.ipfs.cid import raw_cid
from dipmp_lib.ipfs.gateways import RAW_TYPE, GatewayPool, gateway_base
from dipmp_lib.server.answers.redirects import to_url
from dipmp_lib.server.app import create_app
from tests.support.fakes.registry import REGISTRY, FakeRegistry, make_file, make_project, make_services
from tests.support.programs.asgi import request

DATA = b"a file"
CID = raw_cid(hashlib.sha256(DATA).digest())
BASES = ("https://one.example/ipfs", "http://two.example:8080/store/ipfs")
ALLOWED = re.compile(
    r"(https://one\.example|http://two\.example:8080/store)/ipfs/baf[a-z2-7]{56}\?filename=[A-Za-z0-9._~%-]*"
)
HOSTILE = [
    "x\r\nSet-Cookie: a=b.whl",
    "//evil.example/x.whl",
    "\\\\evil.example\\x.whl",
    "@evil.example",
    "%0d%0aLocation: https://evil.example",
    "?filename=/../../evil",
    "#@evil.example",
    "../../../ipfs/evil",
    "\u2028\u202e\x00\ud800",
    "&download=true",
    "https://evil.example/",
]


class Everything:
    """Gateways that have every file; each answers with a Location that nobody must take over."""

    def fetch(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        deadline: float,
        max_bytes: int,
        error: type[Upstream],
    ) -> Answer:
        lines = {"content-length": str(len(DATA)), "content-type": RAW_TYPE, "location": "https://evil.example/"}
        return Answer(200, lines, DATA)


def location(filename: str) -> str:
    """Return where a client is sent for a file that is listed under any name."""
    gateways = GatewayPool(BASES, cast("Fetcher", Everything()))
    return to_url(gateways.pick(CID, filename, len(DATA)), {}).headers["location"]


names = st.one_of(st.text(max_size=60), st.sampled_from(HOSTILE), st.text("/\\@:?#%&\r\n.. "))


@given(names)
def test_H6_a_location_is_a_configured_gateways_path(filename: str) -> None:
    assert ALLOWED.fullmatch(location(filename))


@pytest.mark.parametrize("filename", HOSTILE)
def test_H6_a_hostile_name_stays_a_name(filename: str) -> None:
    parts = urlsplit(location(filename))
    assert (parts.hostname, parts.path) == ("one.example", f"/ipfs/{CID}")
    assert parse_qs(parts.query)["filename"] == [filename.encode(errors="replace").decode()]
    assert not parts.fragment


@pytest.mark.parametrize("filename", [name for name in HOSTILE if not set("/?") & set(name) and name.isascii()])
def test_H6_through_the_whole_server(filename: str) -> None:
    registry = FakeRegistry(make_project("demo-pkg", replace(make_file("x-1.0.zip", "1.0", DATA), filename=filename)))
    services = replace(make_services(registry), gateways=GatewayPool(BASES, cast("Fetcher", Everything())))
    answer = request(create_app(services), f"/files/{REGISTRY}/demo-pkg/{filename}")
    assert answer.status == 302
    assert ALLOWED.fullmatch(answer.headers["location"])
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("filename", HOSTILE)
def test_H6_an_unlisted_name_leads_nowhere(filename: str) -> None:
    services = make_services(FakeRegistry(make_project("demo-pkg", make_file("x-1.0.zip", "1.0", DATA))))
    answer = request(create_app(services), f"/files/{REGISTRY}/demo-pkg/{filename.encode(errors='replace').decode()}")
    assert answer.status == 404
    assert "location" not in answer.headers


@given(st.text(max_size=40))
def test_H6_a_gateway_setting_is_an_origin_or_refused(text: str) -> None:
    try:
        base = gateway_base(f"https://{text}")
    except InvalidSettings:
        return
    assert re.fullmatch(r"https://[!-~]+/ipfs", base)
