"""Responses: statuses that tools act on, sentences that they show, and JSON for those that read it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from dipmp_lib.errors import (
    Conflict,
    DipmpError,
    GatewayError,
    InvalidUpload,
    MalformedLog,
    PinnerError,
    RpcError,
    TransactionError,
    UploadTooLarge,
)
from dipmp_lib.publish import Plan
from dipmp_lib.publish.bridge.answers import REASON, accepted, failed, ignored, refusal
from dipmp_lib.publish.bridge.upload_sink import AcceptedUpload, UploadState
from tests.support.files.wheels import build_wheel
from tests.support.systems.bridge import TestBridge, upload_form

UV_ACCEPT = "application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7"


def asking(accept: str = "") -> Request:
    headers = [(b"accept", accept.encode())] if accept else []
    return Request({"type": "http", "method": "POST", "path": "/legacy/", "headers": headers})


@pytest.fixture
def bridge(tmp_path: Path) -> TestBridge:
    return TestBridge(tmp_path / "uploads")


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return build_wheel(tmp_path / "dist")


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


@pytest.mark.parametrize(
    ("state", "status"), [(UploadState.PUBLISHED, 200), (UploadState.LISTED, 200), (UploadState.COLLECTED, 202)]
)
def test_accepted_files(state: UploadState, status: int) -> None:
    answer = accepted(AcceptedUpload(state, "demo-1.0.tar.gz is there"))
    assert (answer.status_code, answer.body) == (status, b"demo-1.0.tar.gz is there\n")
    assert ignored().status_code == 200


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Conflict("demo-1.0.tar.gz is already published with other bytes"), 400, "file-already-exists"),
        (UploadTooLarge("the upload is larger than 7 bytes"), 413, "upload-too-large"),
        (InvalidUpload("the form states no digest of its file"), 400, "invalid-upload"),
        (MalformedLog("its head does not recompute"), 503, "malformed-log"),
        (RpcError("no endpoint answers"), 503, "rpc-error"),
    ],
)
def test_errors_have_a_status_and_a_code(error: DipmpError, status: int, code: str) -> None:
    body = json.loads(bytes(failed(asking("application/json"), error).body))
    assert (body["status"], body["code"]) == (status, code)
    assert body["detail"] == str(error)


def test_a_hint_follows_the_sentence() -> None:
    answer = failed(asking(), InvalidUpload("the form states no digest", hint="send sha256_digest"))
    assert answer.body == b"the form states no digest; send sha256_digest\n"
    assert answer.headers[REASON] == "the form states no digest; send sha256_digest"


@pytest.mark.parametrize(
    ("accept", "json_too"),
    [
        ("", False),
        ("*/*", False),
        ("text/html", False),
        ("application/json;q=0", False),
        ("application/json", True),
        ("text/plain, application/problem+json;q=0.1", True),
    ],
)
def test_json_is_for_those_who_ask_for_it(accept: str, json_too: bool) -> None:
    answer = failed(asking(accept), InvalidUpload("no"))
    assert (answer.media_type == "application/problem+json") is json_too


@given(st.text(max_size=3000), st.text(max_size=50))
def test_no_text_breaks_the_status_line(detail: str, title: str) -> None:
    answer = refusal(asking(), 400, title, detail)  # type: ignore[arg-type]
    reason = answer.headers[REASON]
    assert len(reason) <= 500
    assert all(" " <= char <= "~" for char in reason)
    assert bytes(answer.body).count(b"\n") == 1
