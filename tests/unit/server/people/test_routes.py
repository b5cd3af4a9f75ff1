"""The pages for people: what they say of registries and projects."""

import subprocess
import sys
from dataclasses import replace
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup, Tag
from starlette.types import ASGIApp

from dipmp_lib.ipfs.cid import Cid, file_cid
from dipmp_lib.ipfs.gateways import ContentSighting
from dipmp_lib.model.pages import Note, PagePolicy, PolicyNote, Status
from dipmp_lib.registry import CachedRegistry
from dipmp_lib.server.app import create_app
from dipmp_lib.server.people.project import FILES_PER_PAGE
from dipmp_lib.server.people.registry import NAMES_PER_PAGE
from dipmp_lib.server.services import Services, Site
from tests.support.fakes.registry import NO_MEMORY, REGISTRY, FakeGateways, FakeRegistry, make_file, make_project
from tests.support.programs.asgi import Answer, request

OLD = make_file("demo_pkg-1.9-py3-none-any.whl", "1.9")
NEW = make_file("demo_pkg-1.10-py3-none-any.whl", "1.10", size=3_456_789)
SDIST = make_file("demo_pkg-1.10.0.tar.gz", "1.10.0")
PRE = make_file("demo_pkg-2.0a1.tar.gz", "2.0a1")
DEMO = make_project("demo-pkg", OLD, NEW, PRE, SDIST)
PROJECT, LIST = f"/project/{REGISTRY}/demo-pkg/", f"/registry/{REGISTRY}/"


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry(DEMO, make_project("other-thing"), make_project("thing"))


@pytest.fixture
def site() -> Site:
    return Site("https://index.example/prod", 8453, (REGISTRY,))


@pytest.fixture
def app(registry: FakeRegistry, site: Site) -> ASGIApp:
    return create_app(services(registry, site))


def services(registry: FakeRegistry, site: Site = Site(), **changes: object) -> Services:  # noqa: B008 - frozen
    plain = Services(CachedRegistry(registry, lifetimes=NO_MEMORY), FakeGateways(), site=site)
    return replace(plain, **changes)  # type: ignore[arg-type]


def soup(answer: Answer) -> BeautifulSoup:
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return BeautifulSoup(answer.body.decode(), "html.parser")


def texts(page: BeautifulSoup, selector: str) -> list[str]:
    return [" ".join(node.get_text().split()) for node in page.select(selector)]


def fact(page: BeautifulSoup, term: str) -> str:
    [node] = [node for node in page.select("dt") if node.get_text() == term][:1]
    value = node.find_next_sibling("dd")
    assert isinstance(value, Tag)
    return " ".join(value.get_text().split())


def test_the_start_page(app: ASGIApp) -> None:
    page = soup(request(app, "/"))
    assert page.select_one("html")["lang"] == "en"  # type: ignore[index]
    assert page.select_one("form")["action"] == "./"  # type: ignore[index]
    assert [a["href"] for a in page.select(".cards a")] == [f"registry/{REGISTRY}/"]


@pytest.mark.parametrize("typed", [str(REGISTRY), str(REGISTRY).lower(), f"%20{REGISTRY}%0A"])
def test_the_form_leads_to_the_registry(app: ASGIApp, typed: str) -> None:
    answer = request(app, f"/?registry={typed}")
    assert answer.status == 303
    assert urljoin("https://h.example/prod/", answer.headers["location"]) == f"https://h.example/prod{LIST}"


def test_a_chain_in_the_form(app: ASGIApp) -> None:
    location = request(app, f"/?registry=base:{REGISTRY}").headers["location"]
    assert urljoin("https://h.example/", location) == f"https://h.example/registry/base:{REGISTRY}/"


def test_a_registry(app: ASGIApp, registry: FakeRegistry) -> None:
    page = soup(request(app, LIST))
    assert texts(page, ".names a") == ["demo-pkg", "other-thing", "thing"]
    links = [urljoin(f"http://h{LIST}", str(a["href"])) for a in page.select(".names a")]
    assert links[0] == f"http://h{PROJECT}"
    assert fact(page, "Projects") == "3"
    assert fact(page, "Head, which commits to all of them") == "0x" + registry.project_list(REGISTRY).head.hex()
    assert fact(page, "This server") == "keeps this registry up"
    assert fact(page, "Index URL, for clients") == f"https://index.example/prod/simple/{REGISTRY}/"
    assert page.select_one(f'a[href="https://basescan.org/address/{REGISTRY}"]')


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("thing", ["thing", "other-thing"]),
        ("DEMO_", ["demo-pkg"]),
        ("", ["demo-pkg", "other-thing", "thing"]),
        ("x", []),
    ],
)
def test_search(app: ASGIApp, query: str, names: list[str]) -> None:
    page = soup(request(app, f"{LIST}?q={query}"))
    assert texts(page, ".names a") == names
    if query:
        assert texts(page, "p[role=status]")[0].startswith(f"{len(names)} of 3 projects")


def test_a_large_registry_is_paged(registry: FakeRegistry) -> None:
    for at in range(2 * NAMES_PER_PAGE):
        registry.put(make_project(f"p{at:04}"))
    app = create_app(services(registry))
    seen = []
    for number in ("1", "2", "3"):
        page = soup(request(app, f"{LIST}?page={number}"))
        names = texts(page, ".names a")
        assert len(names) <= NAMES_PER_PAGE
        seen += names
    assert seen == list(registry.project_list(REGISTRY).names)
    found = soup(request(app, f"{LIST}?q=p0&page=1"))
    assert [a["href"] for a in found.select(".pager a")] == ["?q=p0&page=2"]


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999", "1e3", "\u0661", "%00", ""])
def test_no_page_number_is_a_mistake(app: ASGIApp, number: str) -> None:
    assert request(app, f"{LIST}?page={number}").status == request(app, f"{PROJECT}?page={number}").status == 200


def test_releases_newest_first(app: ASGIApp) -> None:
    page = soup(request(app, PROJECT))
    assert texts(page, ".release h3") == ["2.0a1", "1.10", "1.9"]
    assert texts(page, ".file .name") == [PRE.filename, NEW.filename, SDIST.filename, OLD.filename]
    assert texts(page, ".lead") == ["Latest release 1.10, 2023-11-14 22:13 UTC"]
    assert texts(page, ".release .tag") == ["pre-release"]


def test_what_is_said_of_a_file(app: ASGIApp) -> None:
    page = soup(request(app, PROJECT))
    [row] = [row for row in page.select(".file") if NEW.filename in row.get_text()]
    shown = " ".join(row.get_text().split())
    for text in (NEW.sha256.hex(), str(file_cid(NEW.sha256, NEW.dag_root)), "3.5 MB", "3,456,789 bytes", ">=3.8"):
        assert text in shown
    link = urljoin(f"http://h{PROJECT}", str(row.select_one("a")["href"]))  # type: ignore[index]
    assert link == f"http://h/files/{REGISTRY}/demo-pkg/{NEW.filename}"
    assert row.select_one('a[href="https://basescan.org/address/0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"]')
    assert row.select_one("time")["datetime"] == "2023-11-14T22:13:20Z"  # type: ignore[index]
    assert "Not looked for" in shown


def test_retrievability(registry: FakeRegistry) -> None:
    def last_seen(cid: Cid) -> ContentSighting | None:
        return (
            ContentSighting(1_700_000_000, cid.digest == OLD.sha256)
            if cid.digest in (OLD.sha256, SDIST.sha256)
            else None
        )

    page = soup(request(create_app(services(registry, last_seen=last_seen)), PROJECT))
    said = [text for text in texts(page, ".file dd") if "gateway" in text or "looked" in text]
    no = "Not looked for by this server lately."
    at = "2023-11-14 22:13 UTC."
    assert said == [no, no, f"No gateway had it at {at}", f"Yes: a gateway had it at {at}"]


def test_commands(app: ASGIApp, registry: FakeRegistry) -> None:
    url = f"https://index.example/prod/simple/{REGISTRY}/"
    assert texts(soup(request(app, PROJECT)), ".command code") == [
        f"pip install --index-url {url} demo-pkg",
        f"uv pip install --default-index {url} demo-pkg",
        f"poetry source add --priority=primary dipmp {url}",
        "poetry add --source dipmp demo-pkg",
    ]
    page = soup(request(create_app(services(registry)), PROJECT, {"host": "evil.example"}))
    assert f"https://SERVER/simple/{REGISTRY}/" in page.get_text()
    assert "evil" not in page.get_text()


def test_an_unknown_chain_has_no_explorer(registry: FakeRegistry) -> None:
    page = soup(request(create_app(services(registry, Site(chain_id=31337))), PROJECT))
    assert not page.select('a[href^="http"]')
    assert not soup(request(create_app(services(registry)), PROJECT)).select('a[href^="http"]')


def test_yanks(app: ASGIApp, registry: FakeRegistry) -> None:
    registry.put(make_project("demo-pkg", replace(NEW, yanked="it <b>broke</b>"), replace(OLD, yanked="")))
    page = soup(request(app, PROJECT))
    assert texts(page, ".reason") == ["Yanked. it <b>broke</b>", "Yanked."]
    assert texts(page, ".release .tag") == ["yanked", "yanked"]
    assert texts(page, ".lead") == []


@pytest.mark.parametrize("status", list(Status))
def test_status(app: ASGIApp, registry: FakeRegistry, status: Status) -> None:
    registry.put(replace(DEMO, status=status, status_reason="because & why"))
    page = soup(request(app, PROJECT))
    assert fact(page, "Status") == status.value
    said = texts(page, ".banner")
    assert said == [] if status is Status.ACTIVE else f"This project is {status.value}" in said[0]
    if said:
        assert said[0].endswith("Reason given: because & why")
    assert bool(page.select(".file, .command")) is (status is not Status.QUARANTINED)


def test_what_the_operator_withholds(app: ASGIApp, registry: FakeRegistry) -> None:
    one = PolicyNote(rule="list.deny:7", action="block", filename=OLD.filename, reason="malware", ref="MAL-1")
    two = PolicyNote(rule="list.deny:8", action="warn", url="javascript:alert(1)", statement="<i>why</i>")
    registry.put(replace(DEMO, files=(NEW,), policy=PagePolicy(revision="r", notes=(one, two), withheld=1)))
    page = soup(request(app, PROJECT))
    assert "withholds 1 file here" in texts(page, ".banner")[0]
    assert texts(page, ".reasons li") == [
        f"{OLD.filename}: block, malware, MAL-1 (rule list.deny:7)",
        "warn, <i>why</i> (rule list.deny:8)",
    ]
    assert not page.select('a[href^="javascript"]')
    denied = PagePolicy(
        revision="r", notes=(replace(one, filename="", url="https://h.example/p"),), denied="list.deny:7"
    )
    registry.put(replace(DEMO, files=(), status=Status.QUARANTINED, policy=denied))
    answer = request(app, PROJECT)
    assert answer.headers["x-dipmp-denied"] == "list.deny:7"
    assert soup(answer).select_one('a[href="https://h.example/p"]')


def test_what_was_not_taken_at_face_value(app: ASGIApp, registry: FakeRegistry) -> None:
    notes = tuple(Note(entry=n, code="sealed", filename=f"f{n}", detail="<late>") for n in range(130))
    registry.put(replace(DEMO, notes=notes, incomplete=True))
    page = soup(request(app, PROJECT))
    assert "This page is incomplete" in texts(page, ".banner")[0]
    assert texts(page, ".banner")[1].startswith("130 things in the log were withdrawn")
    assert len(page.select("tbody tr")) == 100
    assert "the first 100 of 130" in texts(page, "caption")[0]
    assert texts(page, "tbody tr")[1] == "1f1sealed<late>"


@pytest.mark.slow
def test_a_huge_project_is_paged_by_release(app: ASGIApp, registry: FakeRegistry) -> None:
    wide = [make_file(f"demo_pkg-9.0-{n}-py3-none-any.whl", "9.0") for n in range(1, 2 * FILES_PER_PAGE + 20)]
    many = [make_file(f"demo_pkg-{n}.1.tar.gz", f"{n}.1") for n in range(8)]
    registry.put(make_project("demo-pkg", *many, *wide))
    seen, versions = [], []
    for number in ("1", "2", "3"):
        page = soup(request(app, f"{PROJECT}?page={number}"))
        names = texts(page, ".file .name")
        assert len(names) <= FILES_PER_PAGE
        seen += names
        versions.append(texts(page, ".release h3"))
    assert sorted(seen) == sorted(file.filename for file in (*many, *wide))
    assert versions == [["9.0"], ["9.0"], ["9.0", *(f"{n}.1" for n in range(7, -1, -1))]]
    assert fact(page, "Releases") == f"9, in {len(seen)} files"


LOWER = str(REGISTRY).lower()


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        (f"/registry/{LOWER}", LIST),
        (f"/registry/{REGISTRY}", LIST),
        (f"/registry/base:{LOWER}/", f"/registry/base:{REGISTRY}/"),
        (f"/project/{LOWER}/Demo_Pkg", PROJECT),
        (f"/project/{REGISTRY}/Demo.Pkg/", PROJECT),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/prod"])
def test_one_canonical_url(app: ASGIApp, path: str, canonical: str, prefix: str) -> None:
    answer = request(app, f"{path}?q=a")
    assert answer.status == 301
    assert urljoin(f"http://h{prefix}{path}", answer.headers["location"]) == f"http://h{prefix}{canonical}?q=a"


def test_every_link_stays_behind_a_prefix(app: ASGIApp) -> None:
    for path in ("/", LIST, PROJECT):
        base = f"https://h.example/prod{path}"
        page = soup(request(app, path))
        hrefs = [str(node["href"]) for node in page.select("a[href]")] + [str(f["action"]) for f in page.select("form")]
        inside = [urljoin(base, href) for href in hrefs if not href.startswith("https://basescan.org/address/0x")]
        assert inside
        assert all(url.startswith("https://h.example/prod/") for url in inside)


@pytest.mark.slow
def test_the_templates_are_loaded_with_the_first_page() -> None:
    code = (
        "import sys; from tests.unit.server.people.test_routes import *;"
        "app = create_app(services(FakeRegistry(DEMO)));"
        "request(app, f'/simple/{REGISTRY}/'); before = 'jinja2' in sys.modules; request(app, '/');"
        "print(before, 'jinja2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["False", "True"], done.stderr


def test_hostile_version_texts_do_not_stop_a_page(app: ASGIApp, registry: FakeRegistry) -> None:
    files = [make_file(f"f{n}", text) for n, text in enumerate(["1.0", "", "<b>", "\ud800", "1.0.0", "x" * 9000])]
    registry.put(make_project("demo-pkg", *files))
    page = soup(request(app, PROJECT))
    assert len(page.select(".file")) == len(files)
    assert texts(page, ".release h3")[0] == "1.0"
