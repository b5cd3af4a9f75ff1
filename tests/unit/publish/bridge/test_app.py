"""Uploads to the bridge: who gets in, what is published, and how refusals read."""

import json
from pathlib import Path

import pytest

from dipmp_lib.errors import GatewayError, PinnerError, RpcError, TransactionError
from dipmp_lib.publish import Plan
from tests.support.files.wheels import build_sdist, build_wheel
from tests.support.systems.bridge import BASIC, TOKEN, TestBridge, form, part, upload_form

UV_ACCEPT = "application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7"


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


def test_other_bytes_under_the_name_are_refused_in_words_that_tools_know(
    bridge: TestBridge, wheel: Path, tmp_path: Path
) -> None:
    bridge.post(upload_form(wheel))
    other = build_wheel(tmp_path / "other", payload=b"x")
    plain = bridge.post(upload_form(other))
    assert plain.status == 400
    assert plain.headers["content-type"] == "text/plain; charset=utf-8"
    sentence = plain.body.decode().strip()
    assert sentence.startswith("File already exists: demo-1.0-py3-none-any.whl is already published with other bytes")
    assert plain.headers["x-reason-phrase"] == sentence
    problem = bridge.post(upload_form(other), {"Accept": UV_ACCEPT})
    assert problem.headers["content-type"] == "application/problem+json"
    body = json.loads(problem.body)
    assert body["title"] == "File already exists"
    assert body["code"] == "file-already-exists"
    assert body["status"] == 400
    assert "raise the version" in body["detail"]
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


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"sha256_digest": "0" * 64}, "damaged on its way"),
        ({"blake2_256_digest": "0" * 64}, "damaged on its way"),
        ({"md5_digest": "0" * 32}, "damaged on its way"),
        ({"sha256_digest": None, "blake2_256_digest": None, "md5_digest": None}, "states no digest"),
        ({"filetype": "sdist"}, "says that demo-1.0-py3-none-any.whl is a 'sdist'"),
        ({"protocol_version": "2"}, "'protocol_version' is not 1"),
        ({"action": "remove_pkg"}, "':action' is 'remove_pkg'"),
        ({"action": None}, "':action' is ''"),
        ({"filename": "demo-1.0.exe"}, "not the name of a wheel or sdist"),
        ({"filename": "../demo-1.0-py3-none-any.whl"}, "not the name of a wheel or sdist"),
        ({"filename": "/etc/demo-1.0-py3-none-any.whl"}, "not the name of a wheel or sdist"),
        ({"filename": "demo-2.0-py3-none-any.whl"}, "belongs to another name or version"),
        ({"filename": "other-1.0-py3-none-any.whl"}, "belongs to another name or version"),
        ({"filename": ""}, "not the name of a wheel or sdist"),
    ],
)
def test_forms_at_odds_with_their_file_are_refused(
    bridge: TestBridge, wheel: Path, changes: dict[str, str | None], sentence: str
) -> None:
    answer = bridge.post(upload_form(wheel, **changes))
    assert answer.status == 400
    assert sentence in answer.body.decode()
    assert bridge.publisher.carried_out == []
    assert leftovers(bridge) == []


def test_upper_case_digests_are_digests(bridge: TestBridge, wheel: Path) -> None:
    import hashlib

    digest = hashlib.sha256(wheel.read_bytes()).hexdigest().upper()
    assert bridge.post(upload_form(wheel, sha256_digest=digest)).status == 200


@pytest.mark.parametrize("action", ["submit", "verify"])
def test_old_announcements_are_ignored(bridge: TestBridge, action: str) -> None:
    answer = bridge.post(form(part(":action", action), part("name", "demo")))
    assert answer.status == 200
    assert bridge.publisher.carried_out == []


def test_a_broken_file_is_refused_with_every_problem(bridge: TestBridge, tmp_path: Path) -> None:
    broken = build_sdist(tmp_path / "dist", metadata=b"Metadata-Version: 2.1\nName: else\nVersion: 3\n")
    answer = bridge.post(upload_form(broken))
    assert answer.status == 400
    assert b"its metadata says 'else'" in answer.body
    assert b"its metadata says '3'" in answer.body
    assert b"\n" not in answer.body.strip()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (PinnerError("the pinner is full"), 503),
        (GatewayError("no gateway delivers it"), 503),
        # What may be on its way is nothing that a tool should repeat by itself.
        (TransactionError("the transaction 0xab was sent, but not included"), 400),
        (RpcError("the node went away"), 400),
    ],
)
def test_only_what_costs_nothing_may_be_tried_again(
    bridge: TestBridge, wheel: Path, error: Exception, status: int
) -> None:
    def fail(_plan: Plan) -> None:
        raise error

    bridge.publisher.before = fail
    answer = bridge.post(upload_form(wheel))
    assert answer.status == status
    assert str(error) in answer.body.decode()
    assert str(error) in answer.headers["x-reason-phrase"]
    bridge.publisher.before = lambda _plan: None
    assert bridge.post(upload_form(wheel)).status == 200


def test_a_chain_that_cannot_be_asked_is_503(bridge: TestBridge, wheel: Path) -> None:
    def fail(_dists: object) -> Plan:
        raise RpcError("no endpoint answers")

    bridge.publisher.plan = fail  # type: ignore[method-assign, assignment]
    assert bridge.post(upload_form(wheel)).status == 503


def test_a_sentence_from_outside_breaks_no_header(bridge: TestBridge, wheel: Path) -> None:
    def fail(_plan: Plan) -> None:
        raise PinnerError("one\r\nSet-Cookie: a=b\r\n\r\n<b>\u202e\x00 ä")

    bridge.publisher.before = fail
    answer = bridge.post(upload_form(wheel))
    assert answer.headers["x-reason-phrase"] == "one Set-Cookie: a=b <b>?? ?"
    assert b"\r" not in answer.body


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


def test_nothing_else_is_there(bridge: TestBridge) -> None:
    assert bridge.get("/legacy/").status == 405
    assert bridge.get("/").status == 404
    assert bridge.post(b"", path="/simple/demo/").status == 405
