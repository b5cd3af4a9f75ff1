"""A quarantined project (PEP 792): there, and nothing to install."""

from .client import TEXT
from .pages import Project


def test_q01_page(quarantined: Project) -> None:
    """The page is there; the project is not absent. [PEP 792; after a 404 clients look elsewhere]"""
    answer = quarantined.get()
    assert answer.status == 200, f"{answer}; expected a page without files"


def test_q02_status(quarantined: Project) -> None:
    """JSON says so, at the top level. [PEP 792]"""
    status = quarantined.document.get("project-status")
    assert isinstance(status, dict), f"{quarantined.path}: 'project-status' is {status!r}"
    assert status.get("status") == "quarantined", f"{quarantined.path}: 'project-status' is {status!r}"


def test_q03_no_files(quarantined: Project) -> None:
    """No file is offered. [PEP 792: MUST NOT]"""
    files = quarantined.document.get("files")
    assert files == [], f"{quarantined.path}: lists {files}"


def test_q04_html(quarantined: Project) -> None:
    """HTML says so and offers nothing either. [PEP 792]"""
    assert quarantined.get(TEXT).status == 200, str(quarantined.get(TEXT))
    found = quarantined.html.meta("pypi:project-status")
    assert found == ["quarantined"], f"{quarantined.path}: pypi:project-status is {found}"
    assert not quarantined.html.anchors, f"{quarantined.path}: links to {len(quarantined.html.anchors)} files"
