"""Whole pages, byte for byte, and what they must mean to clients."""

import hashlib
import json
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from dipmp_lib.ipfs.cid import file_cid
from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.model.pages import Note, Project, ProjectList, Status
from dipmp_lib.simple_api import RENDERER, Format, render_list, render_project
from tests.support.fakes.registry import OWNER, REGISTRY, make_file, make_project, yanked

WHEEL = make_file(
    "demo_pkg-1.0-py3-none-any.whl", "1.0", b"wheel", requires_python=">=3.8,<4", metadata_sha256=b"\x22" * 32
)
SDIST = make_file(
    "demo_pkg-1.0.tar.gz", "1.0", size=2**21, sha256=b"\x11" * 32, dag_root=b"\x33" * 32, requires_python="", entry=1
)
PROJECT = make_project(
    "demo-pkg",
    WHEEL,
    yanked(SDIST, 'breaks "everything" <here> & there'),
    head=bytes(range(32)),
    notes=(Note(entry=2, code="duplicate", filename="demo_pkg-1.0.tar.gz", detail="taken by entry 1"),),
)
ADDRESS = "0xb9d99e1235FDA780bef7198cE2bb4321BBe8Fea6"
HEAD = "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
PUBLISHER = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
FILES = f"../../../files/{ADDRESS}/demo-pkg/"


def page(project: Project) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render_project(project, Format.JSON))
    return document


def test_json_page() -> None:
    assert render_project(PROJECT, Format.JSON).decode() == (
        '{"meta":{"api-version":"1.4"},"name":"demo-pkg","project-status":{"status":"active"},"versions":["1.0"],"files":['
        '{"filename":"demo_pkg-1.0-py3-none-any.whl",'
        f'"url":"{FILES}demo_pkg-1.0-py3-none-any.whl",'
        f'"hashes":{{"sha256":"{WHEEL.sha256.hex()}"}},"size":5,"upload-time":"2023-11-14T22:13:20Z","yanked":false,'
        f'"requires-python":">=3.8,<4","core-metadata":{{"sha256":"{"22" * 32}"}},'
        f'"_dipmp":{{"cid":"{file_cid(WHEEL.sha256, None)}","publisher":"{PUBLISHER}","entry":0}}}},'
        '{"filename":"demo_pkg-1.0.tar.gz",'
        f'"url":"{FILES}demo_pkg-1.0.tar.gz",'
        f'"hashes":{{"sha256":"{"11" * 32}"}},"size":2097152,"upload-time":"2023-11-14T22:13:20Z",'
        '"yanked":"breaks \\"everything\\" <here> & there",'
        '"_dipmp":{"cid":"bafybeibtgmztgmztgmztgmztgmztgmztgmztgmztgmztgmztgmztgmztgm",'
        f'"publisher":"{PUBLISHER}","entry":1}}}}],'
        f'"_dipmp":{{"owner":"{PUBLISHER}","registry":"{ADDRESS}","head":"{HEAD}","entries":2,"incomplete":false,'
        '"notes":[{"entry":2,"code":"duplicate","filename":"demo_pkg-1.0.tar.gz","detail":"taken by entry 1"}]}}'
    )


@pytest.mark.parametrize("fmt", [Format.HTML, Format.TEXT_HTML])
def test_html_page(fmt: Format) -> None:
    assert render_project(PROJECT, fmt).decode("ascii") == (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="pypi:repository-version" content="1.4">\n<meta name="pypi:project-status" content="active">\n'
        "<title>Links for demo-pkg</title>\n</head>\n<body>\n<h1>Links for demo-pkg</h1>\n"
        f'<a href="{FILES}demo_pkg-1.0-py3-none-any.whl#sha256={WHEEL.sha256.hex()}"'
        f' data-requires-python="&gt;=3.8,&lt;4" data-core-metadata="sha256={"22" * 32}"'
        f' data-dist-info-metadata="sha256={"22" * 32}">demo_pkg-1.0-py3-none-any.whl</a><br>\n'
        f'<a href="{FILES}demo_pkg-1.0.tar.gz#sha256={"11" * 32}"'
        ' data-yanked="breaks &quot;everything&quot; &lt;here&gt; &amp; there">demo_pkg-1.0.tar.gz</a><br>\n'
        "</body>\n</html>\n"
    )


def test_list_in_both_forms() -> None:
    names = (ProjectName("demo-pkg"), ProjectName("six"))
    projects = ProjectList(registry=REGISTRY, head=bytes(range(32)), count=2, names=names)
    assert render_list(projects, Format.JSON).decode() == (
        '{"meta":{"api-version":"1.4"},"projects":[{"name":"demo-pkg"},{"name":"six"}],'
        f'"_dipmp":{{"registry":"{ADDRESS}","head":"{HEAD}","entries":2,"incomplete":false,"notes":[]}}}}'
    )
    assert render_list(projects, Format.TEXT_HTML).decode("ascii") == (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="pypi:repository-version" content="1.4">\n<title>Projects of {ADDRESS}</title>\n</head>\n<body>\n'
        f"<h1>Projects of {ADDRESS}</h1>\n"
        '<a href="demo-pkg/">demo-pkg</a><br>\n<a href="six/">six</a><br>\n</body>\n</html>\n'
    )


def test_new_bytes_need_a_new_renderer_number() -> None:
    pages = b"".join(render_project(PROJECT, fmt) for fmt in Format)
    current = (RENDERER, hashlib.sha256(pages).hexdigest()[:16])
    assert current == (2, "9d97ebb2b2e531c4"), (
        "the bytes for an unchanged head are new: raise RENDERER, or clients keep old pages"
    )


def test_an_empty_project_and_list_are_pages_too() -> None:
    assert page(make_project("demo-pkg"))["files"] == []
    empty = ProjectList(registry=REGISTRY, head=b"\0" * 32, count=0, names=())
    assert json.loads(render_list(empty, Format.JSON))["projects"] == []


def nothing_null(value: object) -> bool:
    if isinstance(value, dict):
        return all(map(nothing_null, value.values()))
    return all(map(nothing_null, value)) if isinstance(value, list) else value is not None


def test_no_key_is_ever_null_and_absent_keys_are_absent() -> None:
    document = page(make_project("demo-pkg", SDIST))
    assert nothing_null(document)
    assert set(document["files"][0]) == {"filename", "url", "hashes", "size", "upload-time", "yanked", "_dipmp"}
    assert set(document["files"][0]["hashes"]) == {"sha256"}
    assert "reason" not in document["project-status"]


@pytest.mark.parametrize(("reason", "expected"), [(None, False), ("", True), ("why", "why"), ("\x00", "\ufffd")])
def test_yanked(reason: str | None, expected: object) -> None:
    file = WHEEL if reason is None else yanked(WHEEL, reason)
    assert page(make_project("demo-pkg", file))["files"][0]["yanked"] == expected


def test_a_yank_without_reason_is_an_empty_attribute() -> None:
    assert b'data-yanked=""' in render_project(make_project("demo-pkg", yanked(WHEEL, "")), Format.HTML)
    assert b"data-yanked" not in render_project(make_project("demo-pkg", WHEEL), Format.HTML)


def test_quarantine_hides_files_and_says_so() -> None:
    project = make_project("demo-pkg", WHEEL, status=Status.QUARANTINED, status_reason="malware")
    document = page(project)
    assert document["files"] == document["versions"] == []
    assert document["project-status"] == {"status": "quarantined", "reason": "malware"}
    html = render_project(project, Format.HTML)
    assert b"<a " not in html
    assert b'<meta name="pypi:project-status" content="quarantined">' in html
    assert b'<meta name="pypi:project-status-reason" content="malware">' in html


@pytest.mark.parametrize("status", [Status.ARCHIVED, Status.DEPRECATED])
def test_other_statuses_keep_files(status: Status) -> None:
    document = page(make_project("demo-pkg", WHEEL, status=status))
    assert document["project-status"] == {"status": status.value}
    assert len(document["files"]) == 1


def test_incomplete_is_visible() -> None:
    project = make_project("demo-pkg", WHEEL, incomplete=True)
    assert page(project)["_dipmp"]["incomplete"] is True
    assert b"This page is incomplete" in render_project(project, Format.TEXT_HTML)
    assert b"incomplete" not in render_project(PROJECT, Format.TEXT_HTML)


def test_versions_are_listed_once_in_log_order() -> None:
    files = [make_file(f"demo_pkg-{v}-py3-none-any.whl", v) for v in ("2.0", "1.0")]
    files.append(make_file("demo_pkg-2.0.tar.gz", "2.0"))
    assert page(make_project("demo-pkg", *files))["versions"] == ["2.0", "1.0"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_709_210_096, "2024-02-29T12:34:56Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"),
        (2**40 - 1, "9999-12-31T23:59:59Z"),
    ],
)
def test_upload_time(seconds: int, text: str) -> None:
    file = make_file("demo_pkg-1.0.tar.gz", "1.0", uploaded=seconds)
    assert page(make_project("demo-pkg", file))["files"][0]["upload-time"] == text


AWKWARD = [
    "demo_pkg-1!2.0+local.1-py3-none-any.whl",
    "demo_pkg-1.0-1_build.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "Demo.Pkg-1.0.post1.dev2.zip",
]


@pytest.mark.parametrize("filename", AWKWARD)
@pytest.mark.parametrize("base", ["http://127.0.0.1:5000", "https://index.example/prod"])
@pytest.mark.parametrize("registry", [REGISTRY, RegistryAddress(REGISTRY.address, "base")])
def test_urls_survive_what_clients_do_to_them(filename: str, base: str, registry: RegistryAddress) -> None:
    project = make_project("demo-pkg", make_file(filename, "1.0"), registry=registry)
    url = urljoin(f"{base}/simple/{registry}/demo-pkg/", page(project)["files"][0]["url"])
    assert not urlsplit(url).query
    assert not urlsplit(url).fragment
    folder = f"{base}/files/{registry}/demo-pkg/"
    assert url.startswith(folder)
    # pip and uv take the last segment and unquote it; + must not become a space, nor be quoted twice.
    assert unquote(url.removeprefix(folder)) == filename
    assert unquote(urlsplit(url + ".metadata").path.rpartition("/")[2]) == filename + ".metadata"


def test_equal_values_give_equal_bytes() -> None:
    again = make_project("demo-pkg", *PROJECT.files, head=PROJECT.head, notes=PROJECT.notes)
    for fmt in Format:
        assert render_project(PROJECT, fmt) == render_project(again, fmt)


def test_publisher_and_registry_are_checksummed() -> None:
    document = page(make_project("demo-pkg", WHEEL, registry=RegistryAddress(REGISTRY.address, "base")))
    assert document["_dipmp"]["registry"] == f"base:{ADDRESS}"
    assert document["files"][0]["_dipmp"]["publisher"] == PUBLISHER
    assert OWNER.hex() == PUBLISHER[2:].lower()
