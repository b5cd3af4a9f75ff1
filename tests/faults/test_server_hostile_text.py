"""H5 and H7: every string of the corpus in every field that can carry text, through every renderer.

A page with a hostile text has to parse, without one parse error, into exactly the nodes and attributes of the same page
with a harmless text; the text is then in its node as it was, but for characters that never reach a page.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote
from xml.etree.ElementTree import Element

import html5lib
import pytest
from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename
from starlette.types import ASGIApp

from dipmp_lib.log.entries import RELEASE, STATUS, YANK
from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.model.pages import Note, PagePolicy, PolicyNote, Project, ProjectList, Status
from dipmp_lib.registry import CachedRegistry, MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry
from dipmp_lib.server.app import create_app
from dipmp_lib.server.people.registry import Views
from dipmp_lib.server.people.templates import render
from dipmp_lib.server.services import Services, Site
from dipmp_lib.simple_api import Format, clean, render_list, render_project
from tests.support.fakes.chain import ChainSimulator
from tests.support.fakes.registry import REGISTRY, FakeGateways, FakeRegistry, make_file, make_project
from tests.support.fakes.registry import make_services as services
from tests.support.faulty.hostile_text import hostile_strings, raw_text, short_strings, with_text
from tests.support.files.logs import OWNER_KEY
from tests.support.model.contract import project_id
from tests.support.programs.asgi import Answer, request

STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
VIEWS = Views(Services(CachedRegistry(FakeRegistry()), FakeGateways(), site=Site("https://index.example", 1)))
Skeleton = list[tuple[str, tuple[str, ...]]]


def test_the_corpus_is_large_and_says_nothing_twice() -> None:
    strings = hostile_strings()
    assert len(strings) == len(set(strings)) >= 200


def project(text: str, registry: RegistryAddress = REGISTRY) -> Project:
    """A project with the text wherever the model has text."""
    file = make_file("x", text, requires_python=text, yanked=text, metadata_sha256=b"m" * 32)
    note = PolicyNote(rule=text, action=text, filename=text, reason=text, ref=text, statement=text, url=text)
    return replace(
        make_project("x", replace(file, filename=text)),
        name=ProjectName(text),
        registry=registry,
        status=Status.DEPRECATED,
        status_reason=text,
        notes=(Note(entry=1, code=text, filename=text, detail=text),),
        policy=PagePolicy(notes=(note,)),
    )


def projects(text: str, registry: RegistryAddress = REGISTRY) -> ProjectList:
    return ProjectList(registry=registry, head=b"h" * 32, count=1, names=(ProjectName(text),))


def on_chain(text: str) -> RegistryAddress:
    """An address that no parser lets through."""
    return RegistryAddress(REGISTRY.address, text)


def harmless(text: str) -> str:
    """A text that takes the same branches: a link only where there is https, a source archive by its ending."""
    return (
        "https://x.example/x" if text.startswith("https://") else "x.zip" if text.endswith((".tar.gz", ".zip")) else "x"
    )


def tree(page: bytes) -> Element:
    """Parse a page by the HTML standard; any parse error is raised."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    root: Element = parser.parse(STYLE.sub("<style></style>", page.decode()))
    return root


def skeleton(root: Element) -> Skeleton:
    return [(str(node.tag), tuple(sorted(map(str, node.attrib)))) for node in root.iter()]


def flat(root: Element) -> str:
    return " ".join("".join(root.itertext()).split())


def simple_project(fmt: Format) -> Callable[[str], bytes]:
    return lambda text: render_project(project(text, on_chain(text)), fmt)


def people_project(text: str) -> bytes:
    return render("project.html", root="./", stale=None, **VIEWS.project(project(text), {"page": text})).encode()


def people_registry(text: str) -> bytes:
    values = VIEWS.registry(projects(text), {"q": "", "page": text})
    return render("registry.html", root="./", stale=None, **values).encode()


def people_search(text: str) -> bytes:
    values = VIEWS.registry(projects("x"), {"q": f"#{text[:100]}#", "page": "1"})
    return render("registry.html", root="./", stale=None, **values).encode()


def people_home(text: str) -> bytes:
    return render("home.html", root="./", stale=None, pinned=[clean(text)]).encode()


def people_error(text: str) -> bytes:
    problem = {"status": 404, "title": "Not Found", "detail": clean(text), "hint": clean(text), "code": "x"}
    return render("error.html", root="./", stale=None, problem=problem).encode()


HTML_RENDERERS = [
    simple_project(Format.HTML),
    simple_project(Format.TEXT_HTML),
    lambda text: render_list(projects(text, on_chain(text)), Format.HTML),
    people_project,
    people_registry,
    people_search,
    people_home,
    people_error,
]
IDS = ["index-v1", "index-text", "list", "project", "registry", "search", "home", "error"]


@pytest.mark.parametrize("renderer", HTML_RENDERERS, ids=IDS)
def test_H5_a_page_keeps_its_nodes_and_its_links(renderer: Callable[[str], bytes]) -> None:
    expected: dict[str, Skeleton] = {}
    for text in hostile_strings():
        plain = harmless(text)
        if plain not in expected:
            expected[plain] = skeleton(tree(renderer(plain)))
        root = tree(renderer(text))
        assert skeleton(root) == expected[plain], ascii(text[:80])
        assert " ".join(clean(text).split())[:90].strip() in flat(root), ascii(text[:80])
        assert [url for url in links(root) if not is_ours(url, text)] == [], ascii(text[:80])


def links(root: Element) -> Iterator[str]:
    for node in root.iter():
        yield from (url for name, url in node.attrib.items() if name in ("href", "action", "src"))


def is_ours(url: str, text: str) -> bool:
    """Tell whether a URL is one that the page may have: below this server, an explorer's, the operator's policy."""
    if url.startswith("https://"):
        return url.startswith("https://etherscan.io/address/0x") or url == clean(text)
    ours = ("./", "../", "?", "registry/", "#main", "#notes", "data:image/svg+xml,")
    return url.startswith(ours) or url == quote(clean(text), safe="") + "/"


def shape(value: Any) -> Any:  # noqa: ANN401
    """The value with "" for every text that is not a constant."""
    if isinstance(value, dict):
        return {key: shape(member) for key, member in value.items()}
    if isinstance(value, list):
        return [shape(member) for member in value]
    return "" if isinstance(value, str) else value


def leaves(value: Any) -> Iterator[str]:  # noqa: ANN401
    if isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from leaves(member)
    elif isinstance(value, str):
        yield value


def json_project(text: str) -> bytes:
    return render_project(project(text, on_chain(text)), Format.JSON)


def json_list(text: str) -> bytes:
    return render_list(projects(text, on_chain(text)), Format.JSON)


@pytest.mark.parametrize("renderer", [json_project, json_list])
def test_H5_json_keeps_its_shape(renderer: Callable[[str], bytes]) -> None:
    expected = shape(json.loads(renderer("x")))
    for text in hostile_strings():
        document = json.loads(renderer(text).decode("utf-8"))
        assert shape(document) == expected, ascii(text[:80])
        assert clean(text) in set(leaves(document)), ascii(text[:80])


# -- through a chain, with what its readers let through


@pytest.fixture(scope="module")
def chain() -> ChainSimulator:
    """One project for each string: as file names, requires-python, yank reason and status reason."""
    simulator = ChainSimulator()
    registry = simulator.deploy()
    for number, text in enumerate(short_strings()):
        name, good = f"p{number}", f"p{number}-1.0.tar.gz"
        simulator.append(registry, name, RELEASE, with_text(["", [_row(good)]], text))
        for hostile in names(name):
            simulator.append(registry, name, RELEASE, with_text(["", [_row(hostile)]], text))
        simulator.append(registry, name, RELEASE, with_text(["@", [_row(f"p{number}-2.0.tar.gz")]], text))
        simulator.append(registry, name, YANK, with_text([[good], True, "@"], text))
        # The contract's own kind, so that even what the contract would refuse is there.
        registry._append(project_id(name), STATUS, OWNER_KEY, simulator.time, b"\2" + raw_text(text))
    return simulator


def names(project: str) -> Sequence[str]:
    return (
        "@",
        f"{project}-1.0@.tar.gz",
        f"@{project}-1.0.tar.gz",
        f"{project}@-3.0-py3-none-any.whl",
        f"{project}-1.0.zip@",
    )


def _row(filename: str) -> list[Any]:
    return [filename, 5, b"s" * 32, None, b"m" * 32 if filename.endswith(".whl") else None]


@pytest.fixture(scope="module")
def reader(chain: ChainSimulator) -> ChainRegistry:
    return ChainRegistry({"": Chain(chain, None)}, MemoryLogStore())


@pytest.fixture(scope="module")
def app(reader: ChainRegistry) -> ASGIApp:
    return create_app(services(reader))


@pytest.fixture(scope="module")
def at(chain: ChainSimulator) -> RegistryAddress:
    [model] = chain.registries.values()
    return chain.address_of(model)


def test_H7_hostile_filenames_are_never_listed(reader: ChainRegistry, at: RegistryAddress) -> None:
    hostile = listed = 0
    for number, text in enumerate(short_strings()):
        name = ProjectName(f"p{number}")
        page = reader.project(at, name)
        noted = {note.entry for note in page.notes}
        for entry, _ in enumerate(names(name), start=2):
            files = [file.filename for file in page.files if file.entry == entry]
            assert bool(files) is (entry not in noted), ascii(text)
            hostile += entry in noted
        for file in page.files:
            listed += 1
            assert file.filename.isascii()
            parse = parse_wheel_filename if file.filename.endswith(".whl") else parse_sdist_filename
            assert str(parse(file.filename)[0]) == str(canonicalize_name(name)) == str(name)
    assert hostile > 4 * len(short_strings())
    assert listed >= len(short_strings())
    print(f"{hostile} hostile names noted, {listed} names listed")


def safe(answer: Answer) -> Answer:
    assert answer.status == 200
    for name, value in answer.headers.items():
        assert value.isascii(), name
        assert value.isprintable(), name
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    return answer


JSON = {"accept": Format.JSON.content_type}


def test_H5_what_the_fold_lets_through_is_shown_and_nothing_else(app: ASGIApp, at: RegistryAddress) -> None:
    shown = 0
    for number, text in enumerate(short_strings()):
        document = json.loads(safe(request(app, f"/simple/{at}/p{number}/", JSON)).body)
        page = tree(safe(request(app, f"/project/{at}/p{number}/")).body)
        tree(safe(request(app, f"/simple/{at}/p{number}/", {"accept": "text/html"})).body)
        codes = {note["code"] for note in document["_dipmp"]["notes"]}
        reason = document["project-status"].get("reason", "")
        assert document["project-status"]["status"] == "deprecated"
        assert reason == clean(text) or codes & {"bad-reason", "malformed-payload"}, ascii(text)
        assert " ".join(reason.split()) in flat(page)
        shown += bool(reason)
        assert unquote(document["files"][0]["url"]).endswith(f"/p{number}/p{number}-1.0.tar.gz")
    assert shown > len(short_strings()) / 2


def test_H5_what_a_client_sends_comes_back_as_text(app: ASGIApp, at: RegistryAddress) -> None:
    browser = {"accept": "text/html"}
    for text in short_strings():
        query = quote(text.encode("utf-8", "replace"), safe="")
        found = request(app, f"/registry/{at}/?q={query}", browser)
        tree(safe(found).body)
        for path in (f"/?registry=x{query}", f"/project/{at}/-{clean(text)}/"):
            answer = request(app, path, browser)
            assert answer.status in (301, 404), ascii(path)
            assert all(value.isascii() and value.isprintable() for value in answer.headers.values())
            if answer.status == 404 and answer.headers["content-type"].startswith("text/html"):
                tree(answer.body)
