"""The HTTP surface: what clients send, what they get."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urljoin

import anyio
import pytest
from starlette.types import ASGIApp

from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.model.pages import Project, ProjectList, Status
from dipmp_lib.server.app import create_app
from dipmp_lib.simple_api import Format, render_list, render_project
from tests.support.fakes.registry import (
    REGISTRY,
    FakeGateways,
    FakeRegistry,
    make_file,
    make_project,
    make_services,
    metadata_of,
)
from tests.support.programs.asgi import Answer, arequest, request

WHEEL = make_file("demo_pkg-1!1.0+local-py3-none-any.whl", "1!1.0+local", b"wheel")
SDIST = make_file("demo_pkg-1.0.tar.gz", "1.0", size=2**21)
DEMO = make_project("demo-pkg", WHEEL, SDIST)
PAGE = f"/simple/{REGISTRY}/demo-pkg/"
FILE = f"/files/{REGISTRY}/demo-pkg/{WHEEL.filename}"
JSON = {"accept": "application/vnd.pypi.simple.v1+json"}
PAGE_CACHING = "public, max-age=0, s-maxage=40, stale-while-revalidate=20"


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry(DEMO, make_project("six", make_file("six-1.16.0-py2.py3-none-any.whl", "1.16.0")))


@pytest.fixture
def gateways() -> FakeGateways:
    return FakeGateways("https://gateway.example/ipfs", metadata_of(WHEEL.filename))


@pytest.fixture
def app(registry: FakeRegistry, gateways: FakeGateways) -> ASGIApp:
    return create_app(make_services(registry, gateways))


def test_project_page_in_json(app: ASGIApp) -> None:
    answer = request(app, PAGE, JSON)
    assert answer.status == 200
    assert answer.body == render_project(DEMO, Format.JSON)
    assert answer.headers["content-type"] == "application/vnd.pypi.simple.v1+json"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    assert answer.headers["cache-control"] == PAGE_CACHING
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "content-encoding" not in answer.headers
    assert "age" not in answer.headers


def test_html_is_for_who_asks_and_who_does_not_say(app: ASGIApp) -> None:
    for headers in ({}, {"accept": "*/*"}, {"accept": "image/png"}, {"accept": "application/vnd.pypi.simple.v2+json"}):
        answer = request(app, PAGE, headers)
        assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert answer.body == render_project(DEMO, Format.TEXT_HTML)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    v1 = request(app, PAGE, {"accept": "application/vnd.pypi.simple.latest+html"})
    assert v1.headers["content-type"] == "application/vnd.pypi.simple.v1+html"


def test_list(app: ASGIApp, registry: FakeRegistry) -> None:
    answer = request(app, f"/simple/{REGISTRY}/", JSON)
    assert answer.body == render_list(registry.project_list(REGISTRY), Format.JSON)
    assert answer.headers["cache-control"] == PAGE_CACHING


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


READS = [PAGE, f"/simple/{REGISTRY}/", FILE, f"{FILE}.metadata", "/healthz", f"/simple/{REGISTRY}/none/", PAGE[:-1]]


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("headers", [{}, JSON | {"accept-encoding": "gzip"}])
def test_head_is_get_without_a_body(app: ASGIApp, path: str, headers: Mapping[str, str]) -> None:
    get, head = request(app, path, headers), request(app, path, headers, method="HEAD")
    assert get.headers.pop("x-request-id", "") != head.headers.pop("x-request-id", None)
    assert (head.status, head.headers, head.body) == (get.status, get.headers, b"")


LOWER, UPPER = str(REGISTRY).lower(), "0x" + str(REGISTRY)[2:].upper()


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        (f"/simple/{REGISTRY}", f"/simple/{REGISTRY}/"),
        (f"/simple/{LOWER}", f"/simple/{REGISTRY}/"),
        (f"/simple/{LOWER}/", f"/simple/{REGISTRY}/"),
        (f"/simple/{UPPER}/", f"/simple/{REGISTRY}/"),
        (f"/simple/base:{LOWER}", f"/simple/base:{REGISTRY}/"),
        (f"/simple/{REGISTRY}/demo-pkg", PAGE),
        (f"/simple/{REGISTRY}/Demo_.Pkg", PAGE),
        (f"/simple/{REGISTRY}/Demo.Pkg/", PAGE),
        (f"/simple/{LOWER}/DEMO-PKG/", PAGE),
        (f"/simple/{LOWER}/DEMO-PKG", PAGE),
        (f"/files/{LOWER}/Demo_Pkg/{WHEEL.filename}", FILE),
        (f"/files/{LOWER}/demo-pkg/{WHEEL.filename}.metadata", f"{FILE}.metadata"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/prod"])
@pytest.mark.parametrize("query", ["", "?a=b&c=%20d", "?x=\"'<>"])
def test_one_canonical_url(app: ASGIApp, path: str, canonical: str, prefix: str, query: str) -> None:
    answer = request(app, path + query)
    assert answer.status == 301
    assert answer.headers["location"].startswith(("./", "../"))
    landed = urljoin(f"http://index.example{prefix}{path}", answer.headers["location"])
    quoted = canonical.replace("!", "%21").replace("+", "%2B")
    assert landed == f"http://index.example{prefix}{quoted}" + query.replace('"', "%22").replace("<>", "%3C%3E")


def test_a_canonical_url_is_not_redirected(app: ASGIApp) -> None:
    assert request(app, PAGE + "?x=1").status == 200


def test_a_file_leads_to_a_gateway(app: ASGIApp) -> None:
    answer = request(app, FILE)
    assert answer.status == 302
    assert answer.headers["location"].startswith("https://gateway.example/ipfs/bafkrei")
    assert answer.headers["cache-control"] == "public, max-age=0, s-maxage=30"
    assert (
        request(app, f"/files/{REGISTRY}/demo-pkg/{SDIST.filename}")
        .headers["location"]
        .startswith("https://gateway.example/ipfs/bafybei")
    )


def test_nothing_ends_a_location_early(registry: FakeRegistry) -> None:
    app = create_app(make_services(registry, FakeGateways("https://g.example/\r\nX-Evil: 1\r\n\u2028\xff")))
    location = request(app, FILE).headers["location"]
    assert location.startswith("https://g.example/%0D%0AX-Evil:%201")
    assert location.isascii()
    assert location.isprintable()


def test_metadata(app: ASGIApp, gateways: FakeGateways) -> None:
    answer = request(app, f"{FILE}.metadata")
    assert (answer.status, answer.body) == (200, metadata_of(WHEEL.filename))
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "content-encoding" not in request(app, f"{FILE}.metadata", {"accept-encoding": "gzip"}).headers
    again = request(app, f"{FILE}.metadata", {"if-none-match": answer.headers["etag"]})
    assert (again.status, again.headers["content-type"]) == (304, answer.headers["content-type"])
    assert gateways.fetched == 1


@pytest.mark.parametrize(
    "name", ["demo_pkg-9.9.tar.gz", "demo_pkg-1.0.tar.gz.metadata", "x.metadata", ".metadata", "..", "<b>"]
)
def test_an_unlisted_file_is_not_found(app: ASGIApp, name: str) -> None:
    answer = request(app, f"/files/{REGISTRY}/demo-pkg/{name}")
    assert answer.status == 404
    assert json.loads(answer.body)["code"] == "file-not-listed"


def test_quarantine_holds_back_files(app: ASGIApp, registry: FakeRegistry) -> None:
    registry.put(replace(DEMO, status=Status.QUARANTINED))
    assert json.loads(request(app, PAGE, JSON).body)["files"] == []
    assert request(app, FILE).status == request(app, f"{FILE}.metadata").status == 404


def test_methods(app: ASGIApp) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = request(app, PAGE, method=method)
        assert answer.status == 405
        assert answer.headers["allow"] == "GET, HEAD"
        assert answer.headers["content-type"] == "application/problem+json"


def test_preflight(app: ASGIApp) -> None:
    answer = request(
        app, PAGE, {"origin": "https://site.example", "access-control-request-method": "GET"}, method="OPTIONS"
    )
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD"


def test_health(app: ASGIApp, registry: FakeRegistry) -> None:
    answer = request(app, "/healthz")
    assert (answer.status, json.loads(answer.body)["status"]) == (200, "ok")
    assert registry.calls == 0


def test_a_slow_registry_does_not_hold_up_another(registry: FakeRegistry) -> None:
    slow, other = FakeRegistry(DEMO), RegistryAddress(b"\7" * 20)
    slow.put(make_project("six", registry=other))
    app = create_app(make_services(Split(slow, registry, other)))
    slow.gate.clear()

    async def both() -> Answer:
        async with anyio.create_task_group() as group:
            for _ in range(60):
                group.start_soon(arequest, app, f"/simple/{other}/six/")
            await anyio.sleep(0.1)
            with anyio.fail_after(5):
                answer = await arequest(app, PAGE)
            slow.gate.set()
        return answer

    assert anyio.run(both).status == 200


class Split:
    """One registry for one address, another for the rest."""

    def __init__(self, slow: FakeRegistry, fast: FakeRegistry, address: RegistryAddress) -> None:
        self.slow, self.fast, self.address = slow, fast, address

    def project(self, registry: RegistryAddress, name: ProjectName) -> Project:
        return self._of(registry).project(registry, name)

    def project_list(self, registry: RegistryAddress) -> ProjectList:
        return self._of(registry).project_list(registry)

    def _of(self, registry: RegistryAddress) -> FakeRegistry:
        return self.slow if registry == self.address else self.fast
