"""Where files are (PEP 503, 658, 691), and how the two forms of a page agree."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from .pages import Project, Seen, seen_in_html
from .verdict import need, none


def test_u01_last_segment(project: Project) -> None:
    """A URL's path ends in the file's name. [PEP 503; pip reads the name there and nowhere else]"""
    none(
        f"{file.filename}: its URL is {file.url}; pip takes it for {file.segment!r}"
        for file in project.files
        if file.segment != file.filename
    )


def test_u02_no_query(project: Project) -> None:
    """The URL of a file with metadata has no query. [PEP 658; pip appends .metadata behind it, uv before it]"""
    none(
        f"{file.filename}: its URL is {file.url}; clients do not agree on where its metadata is"
        for file in project.files
        if file.core_metadata and urlsplit(file.url).query
    )


@pytest.mark.recommended
def test_u03_stable(project: Project) -> None:
    """URLs are without query: nothing in them is signed or runs out. [PEP 751; lock files keep them]"""
    none(f"{file.filename}: its URL is {file.url}" for file in project.files if urlsplit(file.url).query)


def test_u04_scheme(project: Project) -> None:
    """URLs are http or https and carry no user. [PEP 503, PEP 691]"""
    for file in project.files:
        parts = urlsplit(file.url)
        assert parts.scheme in ("http", "https"), f"{file.filename}: its URL is {file.url}"
        page = urlsplit(project.index.url)
        assert "@" not in parts.netloc or parts.netloc == page.netloc, f"{file.filename}: its URL names a user"


@pytest.mark.recommended
def test_u05_secure(project: Project) -> None:
    """A page that came over https names no file over http. [pip refuses untrusted hosts]"""
    need(project.get(follow=True).url.startswith("https:"), "the index is not reached over https")
    none(f"{file.filename}: its URL is {file.url}" for file in project.files if not file.url.startswith("https:"))


@pytest.mark.recommended
def test_u06_no_fragment(project: Project) -> None:
    """In JSON the digest is in `hashes` and not in the URL. [PEP 691]"""
    none(f"{item['filename']}: 'url' is {item['url']}" for item in project.items if "#" in item["url"])


@pytest.mark.recommended
def test_u07_plain_segment(project: Project) -> None:
    """No URL has a dot segment, an empty segment or a backslash when it is resolved. [RFC 3986 5.2.4]"""
    for file in project.files:
        segments = urlsplit(file.url).path.split("/")[1:]
        assert not {"", ".", ".."} & set(segments), f"{file.filename}: its URL is {file.url}"
        assert "\\" not in file.url, f"{file.filename}: its URL is {file.url}"


def agree(project: Project, field: Callable[[Seen], object], name: str) -> None:
    """Fail where the forms say different things about one file."""
    html = {file.filename: file for file in (seen_in_html(a, project.html.url) for a in project.html.anchors)}
    none(
        f"{file.filename}: {name} is {field(file)!r} in JSON, {field(html[file.filename])!r} in HTML"
        for file in project.files
        if file.filename in html and field(file) != field(html[file.filename])
    )


def test_a01_files(project: Project) -> None:
    """JSON and HTML list the same files. [PEP 691]"""
    json_names = {file.filename for file in project.files}
    html_names = {anchor.text.strip() for anchor in project.html.anchors}
    none(f"{name} is in one of the two only" for name in sorted(json_names ^ html_names))


def test_a02_urls(project: Project) -> None:
    """JSON and HTML give a file the same URL. [PEP 691]"""
    agree(project, lambda file: file.url, "the URL")


def test_a03_digests(project: Project) -> None:
    """JSON and HTML give a file the same sha256. [PEP 503, PEP 691]"""
    agree(project, lambda file: file.sha256, "the sha256")


def test_a04_requires_python(project: Project) -> None:
    """JSON and HTML give a file the same requires-python. [PEP 503, PEP 691]"""
    agree(project, lambda file: file.requires_python, "requires-python")


def test_a05_core_metadata(project: Project) -> None:
    """JSON and HTML give a file the same core-metadata. [PEP 714]"""
    agree(project, lambda file: file.core_metadata, "core-metadata")


def test_a06_yanked(project: Project) -> None:
    """JSON and HTML yank the same files, for the same reasons. [PEP 592]"""
    agree(project, lambda file: file.yanked, "yanked")


def test_a07_provenance(project: Project) -> None:
    """JSON and HTML give a file the same provenance. [PEP 740]"""
    agree(project, lambda file: file.provenance, "provenance")


def test_a08_status(project: Project) -> None:
    """JSON and HTML state the same status. [PEP 792]"""
    status = project.document.get("project-status", {})
    for key, name in (("status", "pypi:project-status"), ("reason", "pypi:project-status-reason")):
        expected = [status[key]] if status.get(key) else []
        found = [text for text in project.html.meta(name) if text]
        assert found == expected, f"{project.path}: {name} is {found!r} in HTML, {expected!r} in JSON"
