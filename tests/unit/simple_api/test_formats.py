"""Accept headers as clients send them, and as nobody should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.simple_api import Format, negotiate, weighted

J, H, T = Format.JSON, Format.HTML, Format.TEXT_HTML
JSON, HTML = "application/vnd.pypi.simple.v1+json", "application/vnd.pypi.simple.v1+html"
LATEST_JSON, LATEST_HTML = "application/vnd.pypi.simple.latest+json", "application/vnd.pypi.simple.latest+html"

TABLE: list[tuple[str, str | None, Format | None]] = [
    # clients
    ("pip 22.2 and later", f"{JSON}, {HTML}; q=0.1, text/html; q=0.01", J),
    ("uv", f"{JSON}, {HTML};q=0.2, text/html;q=0.01", J),
    ("poetry", f"{JSON}, */*;q=0.1", J),
    ("pdm", f"{JSON}, {HTML};q=0.9, text/html;q=0.8", J),
    ("pip before 22.2", "text/html", T),
    ("hatch, requests, curl", "*/*", T),
    ("Firefox", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", T),
    (
        "Chrome",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8,application/signed-exchange;v=b3",
        T,
    ),
    ("pypi-simple", f"{JSON}, {HTML};q=0.02, text/html;q=0.01", J),
    ("uv publish asking for problems", "application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7", T),
    # nothing said
    ("missing", None, T),
    ("empty", "", T),
    ("blanks", "  \t ", T),
    ("commas", ", ,,", T),
    # one type
    ("JSON", JSON, J),
    ("HTML", HTML, H),
    ("latest JSON", LATEST_JSON, J),
    ("latest HTML", LATEST_HTML, H),
    ("upper case", JSON.upper(), J),
    ("mixed case", "Text/HTML", T),
    ("charset", f"{JSON}; charset=utf-8", J),
    ("charset and weight", f"{HTML};charset=utf-8;q=0.5", H),
    ("weight before charset", f"{HTML};q=0.5;charset=utf-8", H),
    ("upper case Q", f"text/html;Q=0.1, {JSON};Q=0.2", J),
    ("space around =", f"text/html;q = 0.1, {JSON}; q = 0.2", J),
    # weights
    ("order does not matter", f"text/html;q=0.1,{HTML};q=0.2,{JSON};q=0.3", J),
    ("HTML wanted more", f"{JSON};q=0.5, {HTML}", H),
    ("text/html wanted more", f"{JSON};q=0.5, text/html;q=0.51", T),
    ("equal weights: the richest", f"text/html, {HTML}, {JSON}", J),
    ("equal HTML types", f"text/html, {HTML}", H),
    ("weight of three digits", f"text/html;q=0.001, {JSON};q=0.002", J),
    ("weight without a digit before the point", f"text/html;q=.1, {JSON};q=.2", J),
    ("weight above 1 is 1", f"text/html;q=1.9, {HTML};q=1", H),
    ("repeated type: the highest", f"{JSON};q=0.1, text/html;q=0.5, {JSON};q=0.9", J),
    ("v1 and latest are one", f"{JSON};q=0.1, {LATEST_JSON};q=0.9, text/html;q=0.5", J),
    # exclusion
    ("JSON excluded", f"{JSON};q=0, */*", T),
    ("text/html excluded from a wildcard", "*/*, text/html;q=0", J),
    ("both HTML excluded", f"*/*;q=0.1, text/html;q=0, {HTML};q=0", J),
    ("all HTML types excluded by q=0.0", f"{HTML};q=0.0, text/html;q=0.000", None),
    ("everything excluded", "*/*;q=0", None),
    ("everything but JSON excluded", f"*/*;q=0, {JSON}", J),
    # wildcards
    ("application/*", "application/*", J),
    ("text/*", "text/*", T),
    ("text/* with JSON excluded", f"{JSON};q=0, text/*;q=0.1", T),
    ("a named type beats an equal wildcard", f"*/*, {JSON}", J),
    ("a wildcard wanted more than the type", f"{JSON};q=0.1, */*", T),
    ("specific weight holds against a wildcard's", f"{JSON};q=0.2, application/*;q=0.9", H),
    # what we do not have
    ("version 2 only", "application/vnd.pypi.simple.v2+json", None),
    ("version 2, then 1", f"application/vnd.pypi.simple.v2+json, {JSON};q=0.1", J),
    ("plain JSON", "application/json", None),
    ("images", "image/*", None),
    ("xhtml", "application/xhtml+xml", None),
    # garbage
    ("not a media range", "garbage", T),
    ("a star alone", "*", T),
    ("unreadable weight: the range is dropped", f"{JSON};q=high, text/html;q=0.1", T),
    ("only an unreadable weight", "text/html;q=abc", T),
    ("negative weight", f"{JSON};q=-1, text/html", T),
    ("nan", f"{JSON};q=nan, {HTML}", H),
    ("inf", f"{JSON};q=inf, {HTML}", H),
    ("exponent", f"{JSON};q=1e0, {HTML}", H),
    ("empty weight", f"{JSON};q=, {HTML}", H),
    ("digits of another script", f"{JSON};q=\u0661, {HTML}", H),
    ("semicolons", f";;;,;q=1, {JSON};;;", J),
    ("quoted comma", f'text/plain;a="x,y", {JSON}', J),
    ("control characters", f"\x00\x1f, {JSON}", J),
    ("too many items", "image/png," * 100 + JSON, None),
    ("too long", "a" * 5000 + f", {JSON}", T),
]


@pytest.mark.parametrize(("header", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(header: str | None, expected: Format | None) -> None:
    assert negotiate(header) is expected


PIECES = [*'aq*/;=,.0123 \t-+"\x00\u0661', JSON, LATEST_HTML, "text/html", ";q=", "application/*"]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=40).map("".join)))
def test_total(header: str) -> None:
    assert negotiate(header) in {None, *Format}
    assert all(0 <= weight <= 1 for _, weight in weighted(header))


def test_time_is_bounded_by_the_header_bound() -> None:
    assert negotiate(";q=1," * 1_000_000) is Format.TEXT_HTML


def test_latest_is_answered_with_the_version() -> None:
    answer = negotiate(LATEST_JSON)
    assert answer is not None
    assert answer.content_type == "application/vnd.pypi.simple.v1+json"
