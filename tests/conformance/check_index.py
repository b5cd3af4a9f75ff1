"""The list of projects, one URL per page, and what is not there (PEP 503, 691; RFC 9110, 9457)."""

import json
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from packaging.utils import canonicalize_name

from .client import JSON, KINDS, TEXT, Answer, Index
from .pages import Object, Project, html_page, strict_json
from .verdict import need, none

ABSENT = "conformance-no-such-project/"
HOSTILE = (
    "%3Cscript%3Ealert(1)%3C/script%3E/",
    "%00/",
    "..%2f..%2fetc/",
    "%ff%fe/",
    "a" * 3000 + "/",
    "%0d%0aX-Evil:1/",
)


def document(index: Index) -> Object:
    """The list in JSON; without it, the running check is skipped."""
    answer = index.get(follow=True)
    need(answer.kind == JSON, f"no JSON list: {answer}")
    found = strict_json(answer.body)
    assert isinstance(found, dict), f"{answer}: the list is not a JSON object"
    return found


def names(index: Index) -> list[Any]:
    """The names on the JSON list."""
    projects = document(index).get("projects")
    assert isinstance(projects, list), f"'projects' is {projects!r}, not an array"
    none(f"{item!r} is no object with a name" for item in projects if not (isinstance(item, dict) and "name" in item))
    return [item["name"] for item in projects]


def test_l01_list(index: Index) -> None:
    """The list has `projects`, an array of objects with a `name` each. [PEP 691]"""
    none(f"{name!r} is not a name" for name in names(index) if not (name and isinstance(name, str)))


def test_l02_version(index: Index) -> None:
    """The list has `meta.api-version`, a string `1.N`. [PEP 629, PEP 691]"""
    version = document(index).get("meta", {}).get("api-version")
    assert isinstance(version, str), f"'api-version' is {version!r}, not a string"
    assert re.fullmatch(r"1\.\d+", version), f"'api-version' is {version!r}, not 1.N"


def test_l03_unique(index: Index) -> None:
    """No project is on the list twice. [PEP 503: names that normalise alike are one project]"""
    normal = [canonicalize_name(name) for name in names(index)]
    assert len(set(normal)) == len(normal), f"{len(normal) - len(set(normal))} projects are listed more than once"


def test_l04_listed(project: Project) -> None:
    """A project that has a page is on the list. [PEP 503; mirrors start there]"""
    listed = {canonicalize_name(name) for name in names(project.index)}
    assert canonicalize_name(project.name) in listed, f"{project.name} is not among the {len(listed)} listed projects"


def test_l05_forms_agree(index: Index) -> None:
    """JSON and HTML list the same projects. [PEP 691]"""
    html = {canonicalize_name(anchor.text.strip()) for anchor in html_page(index, "").anchors}
    none(f"{name} is on one of the two only" for name in sorted({canonicalize_name(n) for n in names(index)} ^ html))


def test_l06_links_lead_somewhere(index: Index) -> None:
    """The list's first and last link lead to pages. [PEP 503]"""
    page = html_page(index, "")
    need(bool(page.anchors), "the list is empty")
    for anchor in (page.anchors[0], page.anchors[-1]):
        answer = index.get(urljoin(page.url, anchor.attributes.get("href", "")), follow=True)
        assert answer.status == 200, f"{answer}; the list leads there for {anchor.text}"


def redirected(answer: Answer) -> str:
    """Return where an answer leads, fully resolved."""
    assert answer.status in (301, 302, 303, 307, 308), f"{answer}; expected a redirect"
    assert "Location" in answer.headers, f"{answer}: no Location"
    return urljoin(answer.request.url, answer.headers["Location"])


def spellings(project: Project) -> list[str]:
    """Other spellings of the name, each of which normalises to it."""
    return sorted(
        {project.name.upper(), project.name.replace("-", "_"), project.name.replace("-", "--.")} - {project.name}
    )


def test_r01_slash(project: Project) -> None:
    """Without its last slash a project's URL leads to the one with it. [PEP 503]"""
    target = redirected(project.index.get(project.name))
    assert urlsplit(target).path == urlsplit(urljoin(project.index.url, project.path)).path, f"it leads to {target}"


def test_r02_slash_of_the_list(index: Index) -> None:
    """Without its last slash the list's URL leads to the one with it. [PEP 503]"""
    target = redirected(index.get(index.url.rstrip("/")))
    assert urlsplit(target).path == urlsplit(index.url).path, f"it leads to {target}, not to {index.url}"


def test_r03_other_spellings(project: Project) -> None:
    """Another spelling leads to the page, is the page, or is not found. [PEP 503; proxpi answers 500]"""
    for name in spellings(project):
        answer = project.index.get(f"{name}/", follow=True)
        assert answer.status in (200, 404), str(answer)
        if answer.status == 200 and answer.kind == JSON:
            assert strict_json(answer.body)["name"] == canonicalize_name(project.name), f"{answer}: another project"


@pytest.mark.recommended
def test_r04_one_url(project: Project) -> None:
    """Another spelling leads permanently to the one URL of the page. [PEP 503; PyPI does the same]"""
    for name in spellings(project):
        answer = project.index.get(f"{name}/")
        target = redirected(answer)
        assert answer.status in (301, 308), f"{answer}; expected 301 or 308"
        assert target == urljoin(project.index.url, project.path), f"{answer}: leads to {target}"


@pytest.mark.recommended
def test_r05_relative(project: Project) -> None:
    """Redirects of the index are relative, so that a proxy's host and prefix stay. [RFC 9110 10.2.2]"""
    answer = project.index.get(project.name)
    redirected(answer)
    assert "//" not in answer.headers["Location"], f"{answer}: Location is {answer.headers['Location']}"


@pytest.mark.recommended
def test_r06_query(project: Project) -> None:
    """A redirect keeps the query. [RFC 9110 15.4]"""
    target = redirected(project.index.get(f"{project.name}?x=1"))
    assert urlsplit(target).query == "x=1", f"it leads to {target}"


def test_r07_same_site(project: Project) -> None:
    """Redirects of the index stay at its host. [clients hold credentials and trust for it]"""
    target = redirected(project.index.get(project.name))
    assert urlsplit(target).netloc == urlsplit(project.index.url).netloc, f"it leads to {target}"


def test_e01_absent(index: Index) -> None:
    """A project that is not there is 404. [PEP 503; uv stops at 401, 403, 406, 410 and 5xx]"""
    none(str(answer) for accept in (JSON, TEXT, None) if (answer := index.get(ABSENT, accept)).status != 404)


def test_e02_head_of_absent(index: Index) -> None:
    """HEAD says so too. [RFC 9110 9.3.2]"""
    answer = index.get(ABSENT, method="HEAD")
    assert answer.status == 404, f"{answer}; expected 404"
    assert answer.body == b"", f"{answer}: a body follows"


def test_e03_error_is_no_page(index: Index) -> None:
    """The 404 does not carry a page's JSON type. [PEP 691; it has no 'files']"""
    answer = index.get(ABSENT)
    assert answer.kind != JSON, f"{answer}; an error is not a page of the API"


@pytest.mark.recommended
def test_e04_problem(index: Index) -> None:
    """The 404 is a problem with title and status. [RFC 9457; uv shows it]"""
    answer = index.get(ABSENT)
    assert answer.kind == "application/problem+json", f"{answer}; expected application/problem+json"
    problem = json.loads(answer.body)
    assert problem.get("status") == 404, f"{answer}: 'status' is {problem.get('status')!r}"
    assert problem.get("title"), f"{answer}: no 'title'"


def test_e05_hostile_paths(index: Index) -> None:
    """A path that nobody should ask for is refused, not a fault. [RFC 9110 15.5]"""
    none(
        f"{str(answer)[:300]}; expected a refusal"
        for path in HOSTILE
        if not 300 <= (answer := index.get(path, TEXT)).status < 500
    )


def test_e06_no_echo(index: Index) -> None:
    """What was asked for is not repeated as HTML or as a header. [cross-site scripting, response splitting]"""
    answer = index.get(HOSTILE[0], TEXT)
    active = answer.kind in (TEXT, HTML_XML) and b"<script>alert" in answer.body
    assert not active, f"{answer}: the path came back as a script"
    assert "X-Evil" not in index.get(HOSTILE[-1], TEXT).headers, "a line break in the path became a header"


HTML_XML = "application/xhtml+xml"


def test_e07_types(project: Project) -> None:
    """Every page says what it is. [PEP 691; pip skips a page without Content-Type]"""
    none(str(answer) for accept in KINDS if (answer := project.get(accept)).status == 200 and not answer.kind)


@pytest.mark.recommended
def test_e08_cors(index: Index) -> None:
    """Scripts of any site may read an error, too. [Fetch standard]"""
    answer = index.get(ABSENT, origin="https://example.org")
    assert answer.headers.get("Access-Control-Allow-Origin") in ("*", "https://example.org"), f"{answer}: not allowed"
