"""Conditional answers: which requests get 304, what it says, and the headers that answers with a body share."""

import asyncio
import gzip

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from dipmp_lib.server.answers.conditional import accepts_gzip, answer, field, none_match, strong_etag, whole
from dipmp_lib.server.headers import COMMON

TAG = '"abc"'
PAGE = {"Cache-Control": "no-cache", "Content-Type": "text/plain"}


def asked(*headers: tuple[str, str], method: str = "GET") -> Request:
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    return Request({"type": "http", "method": method, "headers": raw})


def answered(request: Request, *, packed: bool = False) -> tuple[Response, int]:
    """The answer to a request for a page that holds `body`, and how often its body was made."""
    made = 0

    async def respond(headers: dict[str, str]) -> Response:
        nonlocal made
        made += 1
        return whole(request, gzip.compress(b"body") if packed else b"body", headers, gzip=packed)

    return asyncio.run(answer(request, TAG, PAGE, respond)), made


@pytest.mark.parametrize("given", [TAG, f"W/{TAG}", f'"other", {TAG}', f'"a" , W/{TAG} ,"b"', "*", " * "])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_304_says_what_a_full_answer_would_and_makes_no_body(given: str, method: str) -> None:
    full, _ = answered(asked())
    found, made = answered(asked(("If-None-Match", given), method=method))
    assert (found.status_code, found.body, made) == (304, b"", 0)
    assert set(full.raw_headers) - set(found.raw_headers) == {(b"content-length", b"4")}


@pytest.mark.parametrize("given", ["abc", '"ab"', f"{TAG[:-1]}", "garbage", "", '""', "W/", '"' * 9000, "w/x*"])
def test_another_tag_gets_the_body(given: str) -> None:
    found, made = answered(asked(("If-None-Match", given)))
    assert (found.status_code, found.body, made) == (200, b"body", 1)


def test_tags_may_come_in_several_lines() -> None:
    found, _ = answered(asked(("If-None-Match", '"a"'), ("If-None-Match", TAG)))
    assert found.status_code == 304


def test_an_answer_has_the_shared_headers_and_its_own() -> None:
    headers = answered(asked())[0].headers
    assert dict(headers) == {name.lower(): value for name, value in (COMMON | PAGE).items()} | {
        "etag": TAG,
        "content-length": "4",
    }


def test_the_answer_s_own_headers_override_the_shared_ones() -> None:
    policy = {"Content-Security-Policy": "default-src 'self'"}

    async def respond(headers: dict[str, str]) -> Response:
        return whole(asked(), b"", headers)

    found = asyncio.run(answer(asked(), TAG, policy, respond))
    assert found.headers.getlist("content-security-policy") == ["default-src 'self'"]


@pytest.mark.parametrize("packed", [False, True])
def test_head_gets_the_headers_alone(packed: bool) -> None:
    full, _ = answered(asked(), packed=packed)
    found, made = answered(asked(method="HEAD"), packed=packed)
    assert (found.raw_headers, found.body, made) == (full.raw_headers, b"", 1)
    assert int(found.headers["content-length"]) == len(full.body)
    assert full.headers.get("content-encoding", "") == ("gzip" if packed else "")


def test_field_joins_lines_and_tells_absence_from_emptiness() -> None:
    request = asked(("Accept", "a"), ("accept", "b, c"), ("Range", ""))
    assert (field(request, "accept"), field(request, "range"), field(request, "etag")) == ("a, b, c", "", None)


@given(st.lists(st.one_of(st.text(), st.binary(), st.integers()), max_size=4))
def test_a_strong_tag_depends_on_every_part(parts: list[str | bytes | int]) -> None:
    try:
        tag = strong_etag(*parts)
    except UnicodeEncodeError:  # surrogates, which no name or hash has
        return
    assert tag == strong_etag(*parts)
    assert tag != strong_etag(*parts, "")
    assert none_match(tag, tag)
    assert none_match(f'"x", W/{tag}', tag)


def test_parts_of_a_tag_do_not_run_together() -> None:
    assert strong_etag("ab", "c") != strong_etag("a", "bc") != strong_etag("abc")


@given(st.text())
def test_conditions_and_encodings_are_total(text: str) -> None:
    assert none_match(text, strong_etag("page")) is (text.strip() == "*")
    assert accepts_gzip(text) in (True, False)


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br", "br, GZIP;q=0.5", "*"])
def test_gzip_is_accepted(accepted: str) -> None:
    assert accepts_gzip(accepted)


@pytest.mark.parametrize("accepted", [None, "", "identity", "br", "gzip;q=0", "gzip;q=0, *", "gzip;q=x", ";;,"])
def test_gzip_is_not_accepted(accepted: str | None) -> None:
    assert not accepts_gzip(accepted)
