"""Conditional requests and what caches may keep (RFC 9110 sections 8.8.3, 13.1.2, 15.4.5; RFC 9111)."""

import pytest

from .client import JSON, TEXT, Answer
from .pages import Project
from .verdict import need, none

KEPT = ("ETag", "Vary", "Cache-Control")
LONG = 86_400
STALE = 600


def etag(project: Project, accept: str = JSON, **more: str) -> str:
    """Return the page's entity tag; skip where there is none."""
    tag = project.get(accept, **more).headers.get("ETag", "")
    need(bool(tag), "pages have no ETag")
    return tag


def conditional(project: Project, header: str, accept: str = JSON, **more: str) -> Answer:
    """Ask with If-None-Match."""
    return project.get(accept, if_none_match=header, **more)


def not_modified(project: Project, header: str) -> Answer:
    """Ask with If-None-Match and insist on 304."""
    answer = conditional(project, header)
    assert answer.status == 304, f"{answer}; expected 304, since the page has ETag {etag(project)}"
    return answer


def whole(project: Project, header: str, accept: str = JSON) -> None:
    """Ask with If-None-Match and insist on the whole page."""
    answer = conditional(project, header, accept)
    assert answer.status == 200, f"{answer}; expected the page, whose ETag is another one"
    assert answer.body == project.get(accept).body, f"{answer}: not the whole page"


@pytest.mark.recommended
def test_c01_etag(project: Project) -> None:
    """Pages have a strong entity tag, so that clients can ask whether theirs is current. [RFC 9110 8.8.3]"""
    tag = project.get().headers.get("ETag", "")
    assert tag.startswith('"'), f"{project.path}: ETag is {tag!r}"


def test_c02_etag_form(project: Project) -> None:
    """An entity tag is quoted. [RFC 9110 8.8.3]"""
    tag = etag(project).removeprefix("W/")
    assert len(tag) >= 2, f"ETag is {tag!r}"
    assert tag[0] == tag[-1] == '"', f"ETag is {tag!r}; its value must be in double quotes"


def test_c03_etag_stays(project: Project) -> None:
    """An unchanged page keeps its entity tag. [RFC 9110 8.8.3]"""
    tags = [etag(project), project.get(fresh=True).headers.get("ETag"), project.get(fresh=True).headers.get("ETag")]
    assert len(set(tags)) == 1, f"{project.path}: three requests, ETags {tags}"


def test_c04_not_modified(project: Project) -> None:
    """The page's own tag in If-None-Match is answered with 304 and no body. [RFC 9110 13.1.2]"""
    answer = not_modified(project, etag(project))
    assert answer.body == b"", f"{answer}: a body follows"


def test_c05_content_type_of_304(project: Project) -> None:
    """A 304 has the page's Content-Type or none. [RFC 9110 15.4.5; pip keeps what a 304 says, and skips the page]"""
    answer = not_modified(project, etag(project))
    assert answer.kind in ("", JSON), f"{answer}; clients that cached the page now take it for {answer.kind}"


@pytest.mark.recommended
def test_c06_content_type_stays(project: Project) -> None:
    """A 304 repeats the Content-Type. [gateways such as Mangum add application/json where it is missing]"""
    answer = not_modified(project, etag(project))
    assert answer.kind == JSON, str(answer)


def test_c07_headers_of_304(project: Project) -> None:
    """A 304 has the ETag, Vary and Cache-Control that the page has. [RFC 9110 15.4.5]"""
    page, answer = project.get(), not_modified(project, etag(project))
    none(
        f"{answer}: {name} is {answer.headers.get(name)!r}, with the page {page.headers.get(name)!r}"
        for name in KEPT
        if answer.headers.get(name) != page.headers.get(name)
    )


def test_c08_weak(project: Project) -> None:
    """If-None-Match compares weakly. [RFC 9110 13.1.2; proxies that compress make tags weak]"""
    not_modified(project, "W/" + etag(project).removeprefix("W/"))


def test_c09_list_of_tags(project: Project) -> None:
    """One of several tags is enough. [RFC 9110 13.1.2]"""
    not_modified(project, f'"a", {etag(project)},W/"b"')


def test_c10_star(project: Project) -> None:
    """`*` matches any page that exists. [RFC 9110 13.1.2]"""
    etag(project)
    not_modified(project, "*")


def test_c11_another_tag(project: Project) -> None:
    """Another tag is answered with the whole page. [RFC 9110 13.1.2]"""
    etag(project)
    whole(project, '"no-such-tag"')


def test_c12_garbage(project: Project) -> None:
    """An unreadable If-None-Match is answered with the page. [RFC 9110 13.1.2]"""
    etag(project)
    for text in ("garbage", '"', "W/", ",,,", "x" * 2000):
        whole(project, text)


def test_c13_one_tag_per_form(project: Project) -> None:
    """JSON and HTML have different tags, and one's tag does not match the other. [RFC 9110 8.8.3.3]"""
    need(project.get(TEXT).kind != JSON, "there is one form only")
    assert etag(project) != etag(project, TEXT), f"{project.path}: JSON and HTML share the ETag {etag(project)}"
    whole(project, etag(project), TEXT)


def test_c14_one_tag_per_encoding(project: Project) -> None:
    """A strong tag differs between compressed and not. [RFC 9110 8.8.3.3]"""
    packed = project.get(accept_encoding="gzip")
    need("Content-Encoding" in packed.headers, "pages are not compressed")
    tag = etag(project)
    need(not tag.startswith("W/"), "the ETag is weak")
    assert packed.headers.get("ETag") != tag, f"{project.path}: gzip and identity share the strong ETag {tag}"


def test_c15_head(project: Project) -> None:
    """HEAD is conditional as GET is. [RFC 9110 13.1.2]"""
    answer = conditional(project, etag(project), method="HEAD")
    assert answer.status == 304, f"{answer}; expected 304"


def lifetime(answer: Answer) -> int:
    """Seconds for which a client may keep an answer without asking."""
    found = answer.cache_control
    if {"no-cache", "no-store"} & set(found) or not found.get("max-age", "0").isdigit():
        return 0
    return int(found.get("max-age", "0"))


@pytest.mark.recommended
def test_c16_fresh_releases(project: Project) -> None:
    """Clients see a new release within ten minutes. [RFC 9111 5.2; pip since 26.2 and uv honour max-age]"""
    answer = project.get()
    assert lifetime(answer) <= STALE, f"{answer}: clients may keep it for {lifetime(answer)} s without asking"


@pytest.mark.recommended
def test_c17_storable(project: Project) -> None:
    """Pages may be stored. [RFC 9111 5.2.2.5]"""
    answer = project.get()
    assert "no-store" not in answer.cache_control, f"{answer}: no-store makes every client load it each time"


@pytest.mark.recommended
def test_c18_absence_is_not_kept(project: Project) -> None:
    """Caches forget within an hour that a project was missing. [RFC 9111 4.2.2]"""
    answer = project.index.get("conformance-no-such-project/")
    assert lifetime(answer) <= 3600, f"{answer}: absence may be kept for {lifetime(answer)} s"


@pytest.mark.recommended
def test_c19_metadata_is_kept(project: Project) -> None:
    """Metadata that has a digest may be kept for long. [RFC 9111 5.2; it cannot change]"""
    wheel = project.smallest(wheel=True)
    need(wheel.core_metadata is not None, f"{wheel.filename} has no core-metadata")
    answer = project.index.get(wheel.url + ".metadata", None, follow=True)
    assert lifetime(answer) >= LONG, f"{answer}: Cache-Control is {answer.headers.get('Cache-Control')!r}"
