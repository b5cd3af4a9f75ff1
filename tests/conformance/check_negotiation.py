"""Which form is served for which Accept header (PEP 691; RFC 9110 section 12.5.1)."""

import pytest

from .client import HTML, JSON, KINDS, LATEST_HTML, LATEST_JSON, TEXT, Answer, Index
from .pages import Project, strict_json
from .verdict import need, none

PIP = f"{JSON}, {HTML}; q=0.1, text/html; q=0.01"
UV = f"{JSON}, {HTML};q=0.2, text/html;q=0.01"
POETRY = f"{JSON}, */*;q=0.1"
UNEARTH = f"{JSON}, {HTML};q=0.9, text/html;q=0.8"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
GARBAGE = ("garbage", "*", ",;,", ";q=1", f"{JSON};q=high", f"{JSON};q=", f"{JSON};q=nan", "a/b;c=" + "x" * 2000)


def served(answer: Answer, *kinds: str) -> None:
    """Fail unless the page came in one of the forms."""
    assert answer.status == 200, f"{answer}; expected a page"
    assert answer.kind in kinds, f"{answer}; expected {' or '.join(kinds)}"


def looks_like_html(answer: Answer) -> bool:
    """Tell HTML from JSON by its first character."""
    return answer.body.lstrip()[:1] == b"<"


def test_n01_json(project: Project) -> None:
    """`v1+json` is answered in that type, not as application/json. [PEP 691; pip skips a page of any other type]"""
    answer = project.get(JSON)
    served(answer, JSON)
    strict_json(answer.body)


def test_n02_html(project: Project) -> None:
    """Whoever answers `v1+html` sends HTML under that type. [PEP 691]"""
    answer = project.get(HTML)
    need(answer.status != 406, "v1+html is not offered")
    served(answer, *KINDS)
    if answer.kind == HTML:
        assert looks_like_html(answer), f"{answer}, but the body is not HTML"


def test_n03_text_html(project: Project) -> None:
    """`text/html` is answered with HTML. [PEP 503, PEP 691]"""
    answer = project.get(TEXT)
    need(answer.status != 406, "text/html is not offered")
    served(answer, TEXT)
    assert looks_like_html(answer), f"{answer}, but the body is not HTML"


def test_n04_latest_json(project: Project) -> None:
    """`latest+json` is answered with the version that it stands for. [PEP 691, version + format selection]"""
    answer = project.get(LATEST_JSON)
    need(answer.status != 406, "the latest alias is not offered")
    served(answer, *KINDS)
    assert "latest" not in answer.kind, f"{answer}; a response must name its version"


def test_n05_latest_html(project: Project) -> None:
    """`latest+html` is answered with the version that it stands for. [PEP 691, version + format selection]"""
    answer = project.get(LATEST_HTML)
    need(answer.status != 406, "the latest alias is not offered")
    served(answer, *KINDS)
    assert "latest" not in answer.kind, f"{answer}; a response must name its version"


@pytest.mark.recommended
def test_n06_latest_is_offered(project: Project) -> None:
    """`latest+json` is JSON of version 1. [PEP 691]"""
    served(project.get(LATEST_JSON), JSON)


def test_n07_pip(project: Project) -> None:
    """pip's header, with a blank before `q`, gets JSON. [PEP 691; pip 22.2 and later]"""
    served(project.get(PIP), JSON)


def test_n08_uv(project: Project) -> None:
    """uv's header gets JSON. [PEP 691]"""
    served(project.get(UV), JSON)


def test_n09_poetry(project: Project) -> None:
    """Poetry's header, JSON before anything, gets JSON. [PEP 691]"""
    served(project.get(POETRY), JSON)


def test_n10_pdm(project: Project) -> None:
    """The header of pdm's finder gets JSON. [PEP 691]"""
    served(project.get(UNEARTH), JSON)


def test_n11_browser(project: Project) -> None:
    """A browser gets HTML. [RFC 9110 12.5.1]"""
    served(project.get(BROWSER), TEXT, HTML)


def test_n12_anything(project: Project) -> None:
    """`*/*` gets a page. [RFC 9110 12.5.1; hatch, curl, requests]"""
    served(project.get("*/*"), *KINDS)


def test_n13_no_header(project: Project) -> None:
    """No Accept header means anything. [RFC 9110 12.5.1; proxpi answers 406]"""
    served(project.get(None), *KINDS)


def test_n14_empty_header(project: Project) -> None:
    """An empty Accept header is not an error of the server. [RFC 9110 12.5.1]"""
    answer = project.get("")
    assert answer.status in (200, 406), str(answer)


def test_n15_parameters(project: Project) -> None:
    """Parameters of a type do not hide it. [RFC 9110 8.3.1; simple-repository-server answers 500]"""
    served(project.get(f"{JSON};charset=utf-8"), JSON)
    served(project.get(f"{JSON}; charset=utf-8; q=0.9, text/html;q=0.1"), JSON)


def test_n16_case(project: Project) -> None:
    """Types are compared without case. [RFC 9110 8.3.1]"""
    served(project.get(JSON.upper()), JSON)


def test_n17_weights(project: Project) -> None:
    """Weights decide, not the order. [RFC 9110 12.4.2; morgan sends HTML to pip]"""
    served(project.get(f"text/html;q=0.1,{JSON};q=0.9"), JSON)
    served(project.get(f"{JSON};q=0.1,text/html;q=0.9,{HTML};q=0.8"), TEXT, HTML)


def test_n18_exclusion(project: Project) -> None:
    """`q=0` excludes a type. [RFC 9110 12.4.2]"""
    answer = project.get(f"{JSON};q=0, */*")
    served(answer, TEXT, HTML)


def test_n19_wildcards(project: Project) -> None:
    """`application/*` gets a type of the API that matches it. [RFC 9110 12.5.1]"""
    served(project.get("application/*"), JSON, HTML)


def test_n20_garbage(index: Index, project: Project) -> None:
    """No Accept header is answered with a fault of the server. [RFC 9110 15.6]"""
    none(str(answer) for text in GARBAGE if (answer := project.get(text)).status not in (200, 400, 406))


def test_n21_nothing_offered(project: Project) -> None:
    """Who accepts nothing that is offered gets 406, or the default as it is. [PEP 691, content negotiation]"""
    answer = project.get("image/png")
    if answer.status != 406:
        served(answer, *KINDS)


def test_n22_another_version(project: Project) -> None:
    """A version that does not exist is not claimed. [PEP 691, versions]"""
    answer = project.get("application/vnd.pypi.simple.v9+json")
    if answer.status != 406:
        served(answer, *KINDS)


def test_n23_list_json(index: Index) -> None:
    """The list is negotiated too: JSON. [PEP 691]"""
    answer = index.get("", PIP)
    served(answer, JSON)
    strict_json(answer.body)


def test_n24_list_html(index: Index) -> None:
    """The list is negotiated too: HTML. [PEP 503, PEP 691]"""
    answer = index.get("", TEXT)
    need(answer.status != 406, "text/html is not offered")
    served(answer, TEXT)
    assert looks_like_html(answer), f"{answer}, but the body is not HTML"


@pytest.mark.recommended
def test_n25_charset(project: Project) -> None:
    """`text/html` says its charset in the header, or the page in its first 1,024 bytes. [HTML Standard 4.2.5.4]"""
    answer = project.get(TEXT)
    need(answer.kind == TEXT, "text/html is not offered")
    named = "charset=" in answer.headers["Content-Type"].lower() or b"charset" in answer.body[:1024].lower()
    assert named, f"{answer}: nothing says in which encoding the page is"
