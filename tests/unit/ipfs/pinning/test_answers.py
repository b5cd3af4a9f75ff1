"""Answers of pinning services: statuses, roots, JSON, Retry-After, and the form that is sent."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import PinnerBusy, PinnerError, PinnerRefused
from dipmp_lib.http import Answer
from dipmp_lib.ipfs.cid import DAG_PB, Cid, raw_cid
from dipmp_lib.ipfs.pinning.answers import (
    MultipartForm,
    parse_object,
    printable,
    require_root,
    require_success,
    unexpected,
)

ROOT = raw_cid(bytes(32))


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_success(status: int) -> None:
    require_success("p", answer(status))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *[(401, PinnerRefused), (403, PinnerRefused), (429, PinnerBusy), (500, PinnerBusy), (503, PinnerBusy)],
        *[(301, PinnerError), (400, PinnerError), (404, PinnerError), (413, PinnerError)],
    ],
)
def test_failures(status: int, kind: type[PinnerError]) -> None:
    with pytest.raises(PinnerError, match=f"p answered {status}: no room") as caught:
        require_success("p", answer(status, b"no room"))
    assert type(caught.value) is kind
    assert caught.value.hint
    with pytest.raises(PinnerError, match=f"p answered {status}: its reason"):
        require_success("p", answer(status, b"no room"), "its reason")
    with pytest.raises(PinnerError, match=f"p answered {status}: nothing"):
        require_success("p", answer(status))


def retry_after(text: str) -> float | None:
    with pytest.raises(PinnerBusy) as caught:
        require_success("p", answer(429, retry_after=text))
    return caught.value.retry_after


@pytest.mark.parametrize(("text", "seconds"), [("7", 7), (" 0 ", 0), ("9" * 30, 999_999_999)])
def test_retry_after_in_seconds(text: str, seconds: float) -> None:
    assert retry_after(text) == seconds


def test_retry_after_as_a_date() -> None:
    assert retry_after("Fri, 31 Dec 1999 23:59:59 GMT") == 0
    ahead = retry_after(format_datetime(datetime.now(UTC) + timedelta(days=2)))
    assert ahead is not None
    assert 86_400 < ahead <= 2 * 86_400


@given(st.text(max_size=40).filter(lambda text: not text.strip().isdecimal()))
def test_any_other_retry_after_is_none_or_not_negative(text: str) -> None:
    seconds = retry_after(text)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize("text", ["", "soon", "-1", "1.5", "\u0661"])
def test_retry_after_that_cannot_be_used(text: str) -> None:
    assert retry_after(text) is None


def test_a_root_is_compared_by_its_bytes() -> None:
    root = Cid(DAG_PB, bytes(32))
    for spelling in (str(root), str(Cid(DAG_PB, bytes(32), 0))):
        require_root("p", spelling, root)


@pytest.mark.parametrize(
    ("cid", "shown"),
    [(str(raw_cid(b"\1" * 32)), "bafkrei"), ("", "nothing"), (None, "None"), (7, "7"), ("x\x1b[31m" * 99, "x [31m")],
)
def test_another_root_is_shown(cid: object, shown: str) -> None:
    with pytest.raises(PinnerError) as caught:
        require_root("p", cid, ROOT)
    assert f"p says that it keeps {shown}" in str(caught.value)
    assert str(caught.value).endswith(f"instead of {ROOT}")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


def test_objects() -> None:
    assert parse_object("p", answer(200, b'{"success": true, "error": null}')) == {"success": True, "error": None}


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"a": 1, "a": 2}', b"<html>", b"{" * 100_000])
def test_what_is_no_object_is_not_as_documented(body: bytes) -> None:
    with pytest.raises(PinnerError, match="p answered 200 with something else than documented"):
        parse_object("p", answer(200, body))


@pytest.mark.parametrize("body", [b'{"success": false}', b'{"error": {"message": "plan"}}'])
def test_a_200_may_say_no(body: bytes) -> None:
    with pytest.raises(PinnerError, match="p answered 200, but did not do it"):
        parse_object("p", answer(200, body))


def test_an_empty_answer_is_named() -> None:
    assert "documented: nothing" in str(unexpected("p", answer(204)))


@given(st.binary(max_size=2000))
def test_foreign_text_is_bounded_and_printable(body: bytes) -> None:
    text = printable(body)
    assert len(text) <= 200
    assert text.isprintable()


def test_a_form_has_the_length_that_it_announces() -> None:
    form = MultipartForm({"network": "public"}, "x.car", "application/vnd.ipld.car", 5)
    body = b"".join(form.body(iter([b"abc", b"de"])))
    boundary = form.headers["Content-Type"].removeprefix("multipart/form-data; boundary=")
    assert len(body) == int(form.headers["Content-Length"])
    file = 'form-data; name="file"; filename="x.car"\r\nContent-Type: application/vnd.ipld.car'
    assert body.decode().split(f"--{boundary}") == [
        "",
        '\r\nContent-Disposition: form-data; name="network"\r\n\r\npublic\r\n',
        f"\r\nContent-Disposition: {file}\r\n\r\nabcde\r\n",
        "--\r\n",
    ]
    assert MultipartForm({}, "x", "y", 5).headers["Content-Type"] != form.headers["Content-Type"]


@pytest.mark.parametrize("pieces", [[], [b"1234"], [b"123", b"456"]])
def test_a_form_of_another_length_does_not_end(pieces: list[bytes]) -> None:
    form, sent = MultipartForm({}, "x.car", "application/vnd.ipld.car", 5), list[bytes]()
    with pytest.raises(PinnerError, match=f"the archive has {sum(map(len, pieces))} bytes where 5 were announced"):
        sent.extend(form.body(iter(pieces)))
    assert not b"".join(sent).endswith(b"--\r\n")
