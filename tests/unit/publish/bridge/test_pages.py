"""Project pages for upload tools: hashes for those that compare them, nothing for those that only compare names."""

import json
from pathlib import Path

import pytest

from dipmp_lib.errors import RpcError
from tests.support.files.wheels import build_wheel
from tests.support.systems.bridge import TestBridge, upload_form


@pytest.fixture
def bridge(tmp_path: Path) -> TestBridge:
    return TestBridge(tmp_path / "uploads")


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return build_wheel(tmp_path / "dist")


def test_hatch_finds_nothing_listed_so_that_bytes_are_compared(bridge: TestBridge, wheel: Path) -> None:
    bridge.post(upload_form(wheel))
    answer = bridge.get("/legacy/+simple/demo/")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert b"<a" not in answer.body
    assert bridge.get("/legacy/+simple/<b>/").status == 400


def test_the_page_for_check_url_lists_hashes(bridge: TestBridge, wheel: Path) -> None:
    assert bridge.get("/simple/demo/").status == 404
    bridge.post(upload_form(wheel))
    answer = bridge.get("/simple/demo/", {"Accept": "application/vnd.pypi.simple.v1+json"})
    assert answer.headers["content-type"] == "application/vnd.pypi.simple.v1+json"
    [file] = json.loads(answer.body)["files"]
    assert file["filename"] == wheel.name
    assert file["url"].startswith("https://index.example/files/0x")
    assert len(file["hashes"]["sha256"]) == 64


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", "text/html"),
        ("application/vnd.pypi.simple.v1+html", "application/vnd.pypi.simple.v1+html"),
        ("application/x-unknown", "text/html"),
    ],
)
def test_pages_are_negotiated_and_never_stored(bridge: TestBridge, accept: str, content_type: str) -> None:
    answer = bridge.get("/simple/other/", {"Accept": accept} if accept else {})
    assert answer.status == 200
    assert answer.headers["content-type"].startswith(content_type)
    assert answer.headers["cache-control"] == "no-store"


def test_a_name_that_is_none(bridge: TestBridge) -> None:
    assert bridge.get("/simple/<b>/").status == 400


def test_a_registry_that_cannot_be_asked_has_no_page(bridge: TestBridge) -> None:
    bridge.publisher.registry.failure = RpcError("no endpoint answers")
    answer = bridge.get("/simple/other/")
    assert (answer.status, answer.body) == (503, b"no endpoint answers\n")
