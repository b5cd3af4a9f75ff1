"""HTTP around a page: HEAD, Vary, compression, methods, scripts of other sites (RFC 9110)."""

import gzip

import pytest

from .client import JSON, TEXT, Answer, Index
from .pages import Project
from .verdict import need, none

COMPARED = ("Content-Type", "ETag", "Vary", "Cache-Control")


def same_as_get(get: Answer, head: Answer) -> None:
    """Fail unless a HEAD answers like the GET, without a body."""
    assert head.status == get.status, f"{head}, but GET with {get.status}"
    assert head.body == b"", f"{head}: a body follows"
    none(
        f"{head}: {name} is {head.headers.get(name)!r}, with GET {get.headers.get(name)!r}"
        for name in COMPARED
        if head.headers.get(name) != get.headers.get(name)
    )


def zipped(project: Project, accept: str = JSON) -> Answer:
    """Return the page compressed; skip where it is not."""
    answer = project.get(accept, accept_encoding="gzip")
    need(answer.headers.get("Content-Encoding", "").lower() == "gzip", "pages are not compressed")
    return answer


def test_h01_head(project: Project) -> None:
    """HEAD answers as GET does. [RFC 9110 9.3.2; FastAPI answers 405 by default]"""
    for accept in (JSON, TEXT):
        same_as_get(project.get(accept), project.get(accept, method="HEAD"))


def test_h02_head_of_the_list(index: Index) -> None:
    """HEAD answers as GET does. [RFC 9110 9.3.2]"""
    same_as_get(index.get(), index.get(method="HEAD"))


def test_h03_head_length(project: Project) -> None:
    """If HEAD has a Content-Length, it is that of the page. [RFC 9110 8.6]"""
    length = project.get(method="HEAD").headers.get("Content-Length")
    need(length is not None, "HEAD has no Content-Length")
    size = len(project.get().body)
    assert int(length or 0) == size, f"HEAD of {project.path}: Content-Length is {length}, the page has {size} bytes"


def test_h04_vary(project: Project) -> None:
    """A page that comes in several forms has `Vary: Accept`. [PEP 691; RFC 9110 12.5.5]"""
    need(project.get(TEXT).kind != project.get(JSON).kind, "there is one form only")
    none(
        f"{answer}: Vary is {answer.headers.get('Vary')!r}; a cache would give one client's form to another"
        for answer in (project.get(JSON), project.get(TEXT))
        if not answer.tokens("Vary") & {"accept", "*"}
    )


def test_h05_vary_of_the_list(index: Index) -> None:
    """The list has `Vary: Accept`, too. [PEP 691; RFC 9110 12.5.5]"""
    need(index.get("", TEXT).kind != index.get().kind, "there is one form only")
    answer = index.get()
    assert answer.tokens("Vary") & {"accept", "*"}, f"{answer}: Vary is {answer.headers.get('Vary')!r}"


@pytest.mark.recommended
def test_h06_gzip(project: Project) -> None:
    """Pages are compressed for who accepts it. [pages of large projects are megabytes]"""
    answer = project.get(accept_encoding="gzip")
    assert answer.headers.get("Content-Encoding", "").lower() == "gzip", f"{answer}: not compressed"


def test_h07_gzip_content(project: Project) -> None:
    """A compressed page holds the same bytes. [RFC 9110 8.4]"""
    answer = zipped(project)
    assert gzip.decompress(answer.body) == project.get().body, f"{answer}: the compressed page is another one"


def test_h08_gzip_vary(project: Project) -> None:
    """A page that comes compressed or not has `Vary: Accept-Encoding`. [RFC 9110 12.5.5]"""
    answer = zipped(project)
    assert answer.tokens("Vary") & {"accept-encoding", "*"}, f"{answer}: Vary is {answer.headers.get('Vary')!r}"


def test_h09_identity(project: Project) -> None:
    """Nothing is compressed for `identity` or `gzip;q=0`. [RFC 9110 12.5.3]"""
    answers = [project.get(accept_encoding=value) for value in ("identity", "gzip;q=0, identity", "gzip;q=0.0")]
    none(
        f"{answer}: Content-Encoding is {answer.headers['Content-Encoding']!r}"
        for answer in answers
        if answer.headers.get("Content-Encoding", "identity").lower() != "identity"
    )


def test_h10_utf_8(project: Project) -> None:
    """JSON is UTF-8 without byte order mark. [RFC 8259 8.1]"""
    body = project.get().body
    assert not body.startswith(b"\xef\xbb\xbf"), f"{project.path}: the page begins with a byte order mark"
    body.decode("utf-8")


def test_h11_other_methods(project: Project) -> None:
    """A method that is not offered is refused, not a fault; 405 lists what is allowed. [RFC 9110 15.5.6]"""
    answer = project.get(method="DELETE")
    assert 400 <= answer.status < 500, f"{answer}; expected a refusal"
    if answer.status == 405:
        assert "get" in answer.tokens("Allow"), f"{answer}: Allow is {answer.headers.get('Allow')!r}"


@pytest.mark.recommended
def test_h12_query(project: Project) -> None:
    """A query does not hide a page. [caches and users add them]"""
    answer = project.index.get(f"{project.path}?x=1&y=%20", follow=True)
    assert answer.status == 200, f"{answer}; expected the page"


@pytest.mark.recommended
def test_h13_cors(project: Project) -> None:
    """Scripts of any site may read the index. [Fetch standard; PyPI does the same, Pyodide needs it]"""
    answer = project.get(origin="https://example.org", fresh=True)
    allowed = answer.headers.get("Access-Control-Allow-Origin")
    assert allowed in ("*", "https://example.org"), f"{answer}: Access-Control-Allow-Origin is {allowed!r}"


@pytest.mark.recommended
def test_h14_nosniff(project: Project) -> None:
    """HTML says that its type is not to be guessed. [Fetch standard, X-Content-Type-Options]"""
    answer = project.get(TEXT)
    assert answer.headers.get("X-Content-Type-Options", "").lower() == "nosniff", f"{answer}: no nosniff"


@pytest.mark.recommended
def test_h15_csp(project: Project) -> None:
    """HTML with text of strangers has a Content-Security-Policy. [CSP Level 3; PyPI does the same]"""
    answer = project.get(TEXT)
    assert answer.headers.get("Content-Security-Policy"), f"{answer}: no Content-Security-Policy"


@pytest.mark.recommended
def test_h16_cookies(project: Project) -> None:
    """An index sets no cookies. [RFC 9111 7.3: shared caches]"""
    none(f"{answer}: sets a cookie" for answer in (project.get(), project.get(TEXT)) if "Set-Cookie" in answer.headers)
