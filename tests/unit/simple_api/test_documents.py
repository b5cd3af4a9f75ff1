"""Documents of the Simple API, and what they must mean to clients."""

import json
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from dipmp_lib.model.names import RegistryAddress
from dipmp_lib.model.pages import Project, Status
from dipmp_lib.simple_api import Format, render_project
from tests.support.fakes.registry import OWNER, REGISTRY, make_file, make_project, yanked
from tests.support.files.page import ADDRESS, PROJECT, PUBLISHER, SDIST, WHEEL


def page(project: Project) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render_project(project, Format.JSON))
    return document


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


def test_publisher_and_registry_are_checksummed() -> None:
    document = page(make_project("demo-pkg", WHEEL, registry=RegistryAddress(REGISTRY.address, "base")))
    assert document["_dipmp"]["registry"] == f"base:{ADDRESS}"
    assert document["files"][0]["_dipmp"]["publisher"] == PUBLISHER
    assert OWNER.hex() == PUBLISHER[2:].lower()
