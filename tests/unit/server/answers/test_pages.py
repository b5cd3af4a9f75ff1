"""Index pages as responses: formats, encodings, entity tags, and one rendering for each head."""

import gzip
import json
from dataclasses import replace

import pytest
from starlette.types import ASGIApp

from dipmp_lib.simple_api import Format, render_project
from tests.support.fakes.registry import (
    REGISTRY,
    FakeRegistry,
    make_file,
    make_project,
)
from tests.support.programs.asgi import request
from tests.support.systems.small_index import DEMO, JSON, PAGE, SDIST, WHEEL


def test_html_is_for_who_asks_and_who_does_not_say(app: ASGIApp) -> None:
    for headers in ({}, {"accept": "*/*"}, {"accept": "image/png"}, {"accept": "application/vnd.pypi.simple.v2+json"}):
        answer = request(app, PAGE, headers)
        assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert answer.body == render_project(DEMO, Format.TEXT_HTML)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    v1 = request(app, PAGE, {"accept": "application/vnd.pypi.simple.latest+html"})
    assert v1.headers["content-type"] == "application/vnd.pypi.simple.v1+html"


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br", "br, GZIP;q=0.5", "*"])
def test_gzip(app: ASGIApp, accepted: str) -> None:
    plain, packed = request(app, PAGE, JSON), request(app, PAGE, JSON | {"accept-encoding": accepted})
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) == int(packed.headers["content-length"]) < len(plain.body)
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.body[4:8] == b"\0\0\0\0"


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip;q=0, *", "gzip;q=x", ";;,"])
def test_no_gzip(app: ASGIApp, accepted: str) -> None:
    assert "content-encoding" not in request(app, PAGE, JSON | {"accept-encoding": accepted}).headers


def test_etag_depends_on_head_format_encoding_and_page(app: ASGIApp, registry: FakeRegistry) -> None:
    variants = [{}, JSON, {"accept": Format.HTML.value}, JSON | {"accept-encoding": "gzip"}]
    tags = [request(app, PAGE, headers).headers["etag"] for headers in variants]
    tags.append(request(app, f"/simple/{REGISTRY}/", JSON).headers["etag"])
    tags.append(request(app, f"/simple/{REGISTRY}/six/", JSON).headers["etag"])
    registry.put(replace(DEMO, head=b"\7" * 32))
    tags.append(request(app, PAGE, JSON).headers["etag"])
    assert len(set(tags)) == len(tags)
    assert all(tag[0] == tag[-1] == '"' for tag in tags)


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '"a" , W/{} ,"b"', "*", " * "])
def test_not_modified_says_what_a_full_answer_would(app: ASGIApp, form: str) -> None:
    full = request(app, PAGE, JSON)
    answer = request(app, PAGE, JSON | {"if-none-match": form.format(full.headers["etag"])})
    assert (answer.status, answer.body) == (304, b"")
    for name in ("content-type", "etag", "vary", "cache-control"):
        assert answer.headers[name] == full.headers[name]


@pytest.mark.parametrize("form", ['"other"', "{}x", "garbage", "", '""', "W/", '"' * 9000, "{0}"])
def test_modified(app: ASGIApp, form: str) -> None:
    tag = request(app, PAGE, JSON | {"accept-encoding": "gzip"}).headers["etag"].strip('"')
    assert request(app, PAGE, JSON | {"if-none-match": form.format(tag)}).status == 200


def test_a_new_release_is_seen_at_once(app: ASGIApp, registry: FakeRegistry) -> None:
    before = request(app, PAGE, JSON)
    newer = make_project("demo-pkg", WHEEL, SDIST, make_file("demo_pkg-2.0.tar.gz", "2.0"))
    registry.put(newer)
    after = request(app, PAGE, JSON | {"if-none-match": before.headers["etag"]})
    assert after.status == 200
    assert json.loads(after.body)["versions"] == ["1!1.0+local", "1.0", "2.0"]


def test_an_unchanged_head_is_rendered_once(app: ASGIApp, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered = 0

    def counting(*args: object) -> bytes:
        nonlocal rendered
        rendered += 1
        return b"page"

    monkeypatch.setattr("dipmp_lib.server.routes.simple.render_project", counting)
    for _ in range(5):
        assert request(app, PAGE, JSON).body == b"page"
    request(app, PAGE)
    assert rendered == 2
