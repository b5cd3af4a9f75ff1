"""The HTML page (PEP 503, 592, 629, 658, 714, 740, 792), which PEP 833 froze at version 1.4."""

import re

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from .client import HTML, TEXT
from .pages import HtmlPage, Project, html_page, seen_in_html
from .verdict import need, none

DIGEST = re.compile(r"sha256=[0-9a-f]{64}")
STATUSES = {"active", "archived", "deprecated", "quarantined"}
_ANCHOR = re.compile(rb"<a [^>]*>([^<>]+)</a>")


def check_version(page: HtmlPage) -> None:
    """Fail unless the page states its version once."""
    found = page.meta("pypi:repository-version")
    need(bool(found), "pages do not state a version, which is 1.0")
    assert len(found) == 1, f"{page.url}: several versions: {found}"
    assert re.fullmatch(r"1\.\d+", found[0]), f"{page.url}: the version is {found[0]!r}, not 1.N"
    assert int(found[0].partition(".")[2]) <= 4, f"{page.url}: the version is {found[0]}; HTML ends with 1.4"


def test_m01_doctype(project: Project) -> None:
    """The page is HTML 5. [PEP 503; pip refused others]"""
    assert project.html.doctype.lower() == "doctype html", f"{project.path}: the doctype is {project.html.doctype!r}"


def test_m02_version(project: Project) -> None:
    """`pypi:repository-version` is there at most once, 1.N, and no later than 1.4. [PEP 629, PEP 833]"""
    check_version(project.html)


@pytest.mark.recommended
def test_m03_version_is_there(project: Project) -> None:
    """The page states its version. [PEP 629]"""
    assert project.html.meta("pypi:repository-version"), f"{project.path}: no pypi:repository-version"


def test_m04_version_of_the_list(project: Project) -> None:
    """The list states the version as pages do. [PEP 629, PEP 833]"""
    check_version(html_page(project.index, ""))


def test_m05_anchors(project: Project) -> None:
    """An anchor's text is the file's name, and so is the end of its URL's path. [PEP 503]"""
    for anchor in project.html.anchors:
        file = seen_in_html(anchor, project.html.url)
        assert file.filename == file.segment, f"{file.filename!r} is the text of a link to {file.url}"


def test_m06_digests(project: Project) -> None:
    """A URL's fragment is a digest in lower-case hexadecimal. [PEP 503]"""
    for anchor in project.html.anchors:
        fragment = anchor.attributes.get("href", "").partition("#")[2]
        good = (
            DIGEST.fullmatch(fragment) if fragment.startswith("sha256") else re.fullmatch("([a-z0-9]+=.+)?", fragment)
        )
        assert good, f"{anchor.text}: the fragment is {fragment!r}"


def test_m07_requires_python(project: Project) -> None:
    """`data-requires-python`, unescaped, is a specifier set. [PEP 503]"""
    for anchor in project.html.anchors:
        SpecifierSet(anchor.attributes.get("data-requires-python", ""))


def test_m08_core_metadata(project: Project) -> None:
    """`data-core-metadata` is `sha256=…` or `true`. [PEP 658, PEP 714; proxpi writes ""]"""
    for anchor in project.html.anchors:
        for name in ("data-core-metadata", "data-dist-info-metadata"):
            value = anchor.attributes.get(name, "true")
            assert value in ("true", "false") or DIGEST.fullmatch(value), f"{anchor.text}: {name} is {value!r}"


@pytest.mark.recommended
def test_m09_both_names(project: Project) -> None:
    """Both names of the metadata's attribute are there, and agree. [PEP 714: pip before 23.1 knows the old one]"""
    none(
        f"{anchor.text}: data-core-metadata and data-dist-info-metadata differ"
        for anchor in project.html.anchors
        if anchor.attributes.get("data-core-metadata") != anchor.attributes.get("data-dist-info-metadata")
    )


def test_m10_gpg_sig(project: Project) -> None:
    """`data-gpg-sig` is true or false. [PEP 503]"""
    for anchor in project.html.anchors:
        value = anchor.attributes.get("data-gpg-sig", "true")
        assert value in ("true", "false"), f"{anchor.text}: data-gpg-sig is {value!r}"


def test_m11_status(project: Project) -> None:
    """`pypi:project-status` is there at most once, and one of the four. [PEP 792]"""
    found = project.html.meta("pypi:project-status")
    assert len(found) <= 1, f"{project.path}: several statuses: {found}"
    assert set(found) <= STATUSES, f"{project.path}: the status is {found}"


def test_m12_one_page(project: Project) -> None:
    """`text/html` and `v1+html` are the same page. [PEP 691]"""
    new = project.get(HTML)
    need(new.kind == HTML, "v1+html is not offered")
    assert new.body == project.get(TEXT).body, f"{project.path}: the page is another one as text/html"


@pytest.mark.recommended
def test_m13_nothing_active(project: Project) -> None:
    """The page has no scripts, frames, forms or <base>. [the text on it is of strangers]"""
    found = project.html.tags & {"script", "iframe", "form", "object", "embed", "base"}
    assert not found, f"{project.path}: has {sorted(found)}"


@pytest.mark.recommended
def test_m14_plain_anchors(project: Project) -> None:
    """A simple pattern finds all anchors, one per line. [hatch and scrapers search with one]"""
    texts = [text.decode("ascii", "replace") for text in _ANCHOR.findall(project.get(TEXT, follow=True).body)]
    expected = [anchor.text for anchor in project.html.anchors]
    assert texts == expected, f"{project.path}: a pattern finds {len(texts)} of {len(expected)} anchors"


@pytest.mark.recommended
def test_m15_no_tracking(project: Project) -> None:
    """PEP 708, which was rejected, is not spoken. [PEP 708, status]"""
    found = {"pypi:tracks", "pypi:alternate-locations"} & {name for name, _ in project.html.metas}
    assert not found, f"{project.path}: has {sorted(found)}"


def test_m16_list(project: Project) -> None:
    """The list's anchors lead to `{normalised name}/`. [PEP 503]"""
    for anchor in html_page(project.index, "").anchors:
        href, name = anchor.attributes.get("href", ""), canonicalize_name(anchor.text.strip())
        assert href.endswith("/"), f"{anchor.text}: its link {href!r} does not end in a slash"
        assert href.rstrip("/").rpartition("/")[2] == name, f"{anchor.text}: its link is {href!r}, not {name}/"
