"""Uploads to the bridge: who gets in, and what is published."""

from pathlib import Path

import pytest

from dipmp_lib.publish.bridge.app import new_token
from tests.support.files.wheels import build_wheel
from tests.support.systems.bridge import BASIC, TOKEN, TestBridge, upload_form


@pytest.fixture
def bridge(tmp_path: Path) -> TestBridge:
    return TestBridge(tmp_path / "uploads")


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return build_wheel(tmp_path / "dist")


def leftovers(bridge: TestBridge) -> list[Path]:
    return list(bridge.folder.iterdir())


@pytest.mark.parametrize("path", ["/legacy/", "/legacy"])
def test_an_upload_is_published_before_its_answer(bridge: TestBridge, wheel: Path, path: str) -> None:
    answer = bridge.post(upload_form(wheel), path=path)
    assert answer.status == 200
    assert b"demo-1.0-py3-none-any.whl is published: transaction 0x00" in answer.body
    [made] = bridge.publisher.carried_out
    # The form says `lies`, version 0 and another Requires-Python: the file's own metadata counts.
    assert (made.entries[0].project, made.entries[0].version) == ("demo", "1.0")
    assert made.additions[0].requires_python == ">=3.8"
    assert leftovers(bridge) == []


def test_the_same_bytes_again_send_nothing(bridge: TestBridge, wheel: Path) -> None:
    bridge.post(upload_form(wheel))
    answer = bridge.post(upload_form(wheel))
    assert answer.status == 200
    assert b"already published with these bytes: nothing was sent" in answer.body
    assert bridge.publisher.transactions == 1


def test_the_same_bytes_under_another_spelling_are_the_same_file(tmp_path: Path) -> None:
    bridge = TestBridge(tmp_path / "uploads", lenient=True)
    wheel = build_wheel(tmp_path / "dist")
    bridge.post(upload_form(wheel))
    answer = bridge.post(upload_form(wheel, filename="Demo-1.0.0-py3-none-any.whl"))
    assert answer.status == 200
    assert b"already published" in answer.body
    assert bridge.publisher.transactions == 1


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("", 401),
        ("Bearer " + TOKEN, 401),
        ("Basic !!!", 401),
        ("Basic Zm9v", 401),
        ("Basic X190b2tlbl9fOg==", 403),
        ("Basic X190b2tlbl9fOmRpcG1wLWEtdG9rZW4tZm9yLXRlc3Q=", 403),
        (BASIC.replace("X190b2tlbl9f", "X190b2tlbl9e"), 403),
        (f"basic {BASIC[6:]}", 200),
    ],
)
def test_only_the_token_lets_in(bridge: TestBridge, wheel: Path, header: str, status: int) -> None:
    answer = bridge.post(upload_form(wheel), {"Authorization": header})
    assert answer.status == status
    assert bridge.publisher.transactions == (status == 200)
    assert TOKEN.encode() not in answer.body
    assert ("www-authenticate" in answer.headers) == (status == 401)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "dipmp.example"},
        {"Host": "127.0.0.1.dipmp.example:5470"},
        {"Host": ""},
        {"Host": "192.168.1.5"},
        {"Origin": "http://127.0.0.1:5470"},
        {"Origin": "null"},
    ],
)
def test_web_pages_are_kept_out(bridge: TestBridge, wheel: Path, headers: dict[str, str]) -> None:
    answer = bridge.post(upload_form(wheel), headers)
    assert answer.status == 403
    assert bridge.publisher.transactions == 0
    if "Origin" in headers or headers["Host"]:
        assert bridge.get("/simple/other/", headers).status == 403


def test_nothing_else_is_there(bridge: TestBridge) -> None:
    assert bridge.get("/legacy/").status == 405
    assert bridge.get("/").status == 404
    assert bridge.post(b"", path="/simple/demo/").status == 405


def test_tokens_are_long_and_new_each_time() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 43
