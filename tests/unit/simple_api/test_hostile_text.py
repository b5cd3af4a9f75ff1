"""Whatever strings a hostile registry puts into a log, pages stay well-formed and say only what they should."""

import json
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.model.pages import File, Note, Project, ProjectList, Status
from dipmp_lib.simple_api import Format, clean, render_list, render_project

pytestmark = pytest.mark.slow

NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</a></body></html>",
    "<!--",
    "]]>",
    "&amp;&lt;&#0;&#x80;",
    "{{title}}{body}{0}%s",
    "javascript:alert(1)",
    "../../../../etc/passwd",
    "//evil.example/x.whl",
    "a\r\nSet-Cookie: x=1",
    "\x00\x01\x1f\x7f\x80\x9f",
    "\u202egnp.exe",
    "\u2028\u2029",
    "\ud800 lone \udfff",
    "\ufffe\uffff",
    "x?y=z#sha256=0",
    "%2e%2e%2f%00",
]
texts = st.one_of(
    st.sampled_from(NASTY),
    st.lists(st.sampled_from(NASTY), max_size=3).map("".join),
    st.text(alphabet=st.characters(codec=None, categories=None), max_size=30),
)
digests = st.binary(min_size=32, max_size=32)
addresses = st.binary(min_size=20, max_size=20)
registries = st.builds(RegistryAddress, addresses, texts)
notes = st.lists(st.builds(Note, entry=st.integers(0, 9), code=texts, filename=texts, detail=texts), max_size=2).map(
    tuple
)
files = st.builds(
    File,
    filename=texts,
    version=texts,
    size=st.integers(1, 2**40),
    sha256=digests,
    dag_root=st.none() | digests,
    metadata_sha256=st.none() | digests,
    requires_python=texts,
    uploaded=st.integers(0, 2**40 - 1),
    publisher=addresses,
    entry=st.integers(0, 2**32),
    yanked=st.none() | texts,
)
projects = st.builds(
    Project,
    registry=registries,
    name=texts.map(ProjectName),
    head=digests,
    count=st.integers(0, 2**32),
    owner=addresses,
    status=st.sampled_from(Status),
    status_reason=texts,
    files=st.lists(files, max_size=4).map(tuple),
    notes=notes,
    incomplete=st.booleans(),
)
lists = st.builds(
    ProjectList,
    registry=registries,
    head=digests,
    count=st.integers(0, 2**32),
    names=st.lists(texts.map(ProjectName), max_size=4).map(tuple),
    notes=notes,
    incomplete=st.booleans(),
)


class Outline(HTMLParser):
    """Collects start tags with their attributes' names, and refuses everything that our pages never hold."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.hrefs: list[str] = []
        self.names: set[str] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.names |= {name for name, _ in attrs}
        self.hrefs += [value or "" for name, value in attrs if name == "href"]

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


HEAD_TAGS = ["html", "head", "meta", "meta"]
LINK_NAMES = {"href", "data-requires-python", "data-core-metadata", "data-dist-info-metadata", "data-yanked"}


@given(projects)
def test_project_html_holds_only_expected_nodes(project: Project) -> None:
    page = render_project(project, Format.TEXT_HTML).decode("ascii")
    outline = Outline(page)
    shown = () if project.status is Status.QUARANTINED else project.files
    metas = [*HEAD_TAGS, "meta", *(["meta"] if project.status_reason else [])]
    expected = [*metas, "title", "body", "h1", *(["p"] if project.incomplete else []), *["a", "br"] * len(shown)]
    assert outline.tags == expected
    assert outline.names <= LINK_NAMES | {"lang", "charset", "name", "content"}
    soup = BeautifulSoup(page, "html.parser")
    assert [anchor.get_text() for anchor in soup.find_all("a")] == [clean(file.filename) for file in shown]


@given(lists)
def test_list_html_holds_only_expected_nodes(projects: ProjectList) -> None:
    outline = Outline(render_list(projects, Format.HTML).decode("ascii"))
    assert outline.tags == [
        *HEAD_TAGS,
        "title",
        "body",
        "h1",
        *(["p"] if projects.incomplete else []),
        *["a", "br"] * len(projects.names),
    ]
    assert all(
        urljoin("http://h/simple/r/", href).startswith("http://h/simple/r/") for href in outline.hrefs if len(href) > 4
    )


@given(projects)
def test_json_is_strict_and_urls_stay_on_the_host(project: Project) -> None:
    data = render_project(project, Format.JSON)
    document = json.loads(data.decode("utf-8"))
    assert "\\u" not in "".join(char for char in data.decode() if char < " ")
    base = "http://host/simple/0x00/demo/"
    for entry in document["files"]:
        parts = urlsplit(urljoin(base, entry["url"]))
        assert (parts.netloc, parts.query, parts.fragment) == ("host", "", "")
        assert parts.path.startswith("/files/")
        if entry["filename"] not in ("", ".", ".."):
            assert unquote(parts.path.rpartition("/")[2]) == entry["filename"]
        assert entry["hashes"]["sha256"] == entry["hashes"]["sha256"].lower()
        assert isinstance(entry["size"], int)
        assert entry["yanked"] in (True, False) or entry["yanked"]


@given(projects)
def test_both_forms_name_the_same_files(project: Project) -> None:
    document = json.loads(render_project(project, Format.JSON))
    hrefs = Outline(render_project(project, Format.HTML).decode()).hrefs
    assert hrefs == [f"{entry['url']}#sha256={entry['hashes']['sha256']}" for entry in document["files"]]


@given(texts)
def test_clean_leaves_printable_text_alone(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    assert clean(cleaned) == cleaned
    cleaned.encode()
    assert clean("Größe <b> 中文 😀 'q'") == "Größe <b> 中文 😀 'q'"
