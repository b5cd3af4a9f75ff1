"""The CloudFront Function: what a client accepts becomes one of few values that mean the same to the application."""

import http.server
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.server.people.pages import _wants_html
from dipmp_lib.simple_api import DEFAULT, Format, negotiate
from tests.infra.stages import template
from tests.support.aws.edge import Edge
from tests.support.programs.clients import PIPS, UV, isolated_env, run
from tests.support.programs.required import missing
from tests.support.repository import ROOT
from tests.support.waiting import HANGS
from tests.unit.simple_api.test_formats import HTML, JSON, LATEST_HTML, LATEST_JSON, TABLE

pytestmark = pytest.mark.node

PAGE, PERSON, FILE = "/simple/0x12/demo/", "/project/0x12/demo/", "/files/0x12/demo/demo-1.0.tar.gz"
NAMES = {Format.JSON: JSON, Format.HTML: HTML, Format.TEXT_HTML: "text/html"}


@pytest.fixture(scope="module")
def edge() -> Iterator[Edge]:
    code: str = template("dev")["Resources"]["AcceptFunction"]["Properties"]["FunctionCode"]
    with Edge(code) as running:
        yield running


def test_the_deployed_text_is_the_source_and_fits() -> None:
    function = template("dev")["Resources"]["AcceptFunction"]["Properties"]
    source = (ROOT / "infra" / "edge" / "accept.js").read_text()
    assert function["FunctionCode"] == source
    assert len(source.encode()) <= 10_240
    assert function["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
    assert function["AutoPublish"] is True


def accepted(edge: Edge, uri: str, *values: str, **others: str) -> str:
    headers = {"accept": list(values)} if values else {}
    answer = edge.request(uri, headers | {name: [value] for name, value in others.items()})
    value: str = answer["headers"]["accept"]["value"]
    assert set(answer["headers"]["accept"]) == {"value"}
    return value


@pytest.mark.parametrize(("accept", "wanted"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_pages_are_asked_for_by_the_name_of_their_format(edge: Edge, accept: str | None, wanted: Format | None) -> None:
    assert accepted(edge, PAGE, *([] if accept is None else [accept])) == NAMES[wanted or DEFAULT]


types = st.sampled_from(
    [
        JSON,
        HTML,
        LATEST_JSON,
        LATEST_HTML,
        "text/html",
        "text/*",
        "application/*",
        "*/*",
        "application/json",
        "TEXT/Html",
    ]
)
weights = st.sampled_from(
    ["", ";q=0", ";q=0.5", "; q=.3", ";q=1", ";Q=0.9", ";q=1.5", ";q=", ";q=x", ";v=1;q=0.2", ";q"]
)
items = st.builds("{}{}".format, types, weights)
garbage = st.text(st.characters(min_codepoint=9, max_codepoint=255, exclude_characters="\n\r\x0b\x0c"), max_size=40)
# What a header may hold: visible characters, blanks, and bytes above ASCII (RFC 9110, section 5.5).
readable = garbage.map(lambda text: "".join(char for char in text if char == "\t" or " " <= char != "\x7f"))
headers = st.lists(st.one_of(items, readable), max_size=70).map(", ".join)


@given(headers)
def test_pages_are_what_the_application_would_have_chosen(edge: Edge, accept: str) -> None:
    canonical = accepted(edge, PAGE, accept)
    assert canonical == NAMES[negotiate(accept) or DEFAULT]
    assert negotiate(canonical) == (negotiate(accept) or DEFAULT)


@given(headers)
def test_pages_for_people_are_asked_for_by_people_or_programs(edge: Edge, accept: str) -> None:
    canonical = accepted(edge, PERSON, accept)
    assert canonical in ("text/html", "*/*")
    assert _wants_html(canonical) == _wants_html(accept)


@pytest.mark.parametrize(
    "hostile",
    [
        "text/html," * 100_000,
        "a" * 100_000,
        "text/html" + ";" * 50_000,
        "," * 9_000 + JSON,
        " " * 50_000 + JSON,
        "constructor, __proto__, toString/valueOf;q=1",
        "__proto__;q=0.9, hasownproperty;q=0.1, text/html",
        "text/html;q=" + "1" * 5_000,
        "text/html;q=1e400, text/html;q=NaN, text/html;q=Infinity",
        "*/*" + "," + "*" * 9_000,
        "\u00ff\u00fe" * 5_000,
    ],
)
def test_hostile_headers_take_no_time_and_mean_what_the_application_takes_them_for(edge: Edge, hostile: str) -> None:
    assert accepted(edge, PAGE, hostile) == NAMES[negotiate(hostile) or DEFAULT]
    assert (accepted(edge, PERSON, hostile) == "text/html") == _wants_html(hostile[:4096])


def test_a_header_in_several_lines_is_one(edge: Edge) -> None:
    assert accepted(edge, PAGE, "text/html;q=0.1", JSON) == JSON
    assert accepted(edge, PERSON, "application/json", "text/html;q=0.1") == "*/*"


@pytest.mark.parametrize("uri", [FILE, FILE + ".metadata"])
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("", "*/*"), ("bytes=0-", "*/*"), ("bytes=0-99", "*/*"), ("bytes=100-", "application/octet-stream"),
     ("BYTES = 007-8", "application/octet-stream"), ("items=5-", "*/*"), ("bytes=-5", "*/*")],
)  # fmt: skip
def test_the_rest_of_a_file_is_not_answered_from_the_cache(edge: Edge, uri: str, wanted: str, expected: str) -> None:
    given_ = {"range": wanted} if wanted else {}
    assert accepted(edge, uri, JSON, **given_) == expected


def test_only_pages_for_people_have_a_query(edge: Edge) -> None:
    query = {"q": "demo", "page": "2"}
    assert edge.request(PAGE, {}, query)["querystring"] == {}
    assert edge.request(FILE, {}, query)["querystring"] == {}
    assert set(edge.request("/registry/0x12/", {}, query)["querystring"]) == set(query)


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[str]]]:
    """Yield the URL of an index without projects, and the Accept headers that it was asked with."""
    seen: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("Accept", ""))
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/simple/", seen
        server.shutdown()
        thread.join(HANGS)


@pytest.mark.parametrize("client", [*PIPS, "uv"])
def test_pip_and_uv_share_one_cached_page(
    edge: Edge, listener: tuple[str, list[str]], tmp_path: Path, client: str
) -> None:
    url, seen = listener
    seen.clear()
    env = isolated_env(tmp_path / "home")
    if client == "uv":
        command: list[str | Path] = [
            UV,
            "pip",
            "install",
            "--dry-run",
            "--target",
            tmp_path / "to",
            "--default-index",
            url,
        ]
    else:
        if not (PIPS[client] / "ready").is_file():
            missing(f"{client} is not installed (make pips)")
        env["PYTHONPATH"] = str(PIPS[client])
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--retries", "0", "--index-url", url]
    done = run([*command, "demo"], env=env, cwd=tmp_path, timeout=HANGS)
    assert done.code != 0, done.text
    assert seen, done.text
    assert {accepted(edge, PAGE, accept) for accept in seen} == {JSON}
