"""Strict JSON: one meaning, bounded depth and number of values. The answers of endpoints hold it to more."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import MalformedAnswer
from dipmp_lib.http.strict_json import MAX_DEPTH, parse, require_depth

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_what_json_writes_is_read(value: object, indent: int | None, ascii_only: bool) -> None:
    assert parse(json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=200))
def test_parsing_is_total(body: bytes) -> None:
    with suppress(MalformedAnswer):
        parse(body)


@given(st.text(alphabet='[]{}",:\\ a1', max_size=60))
def test_it_takes_nothing_that_json_refuses(text: str) -> None:
    try:
        value = parse(text.encode())
    except MalformedAnswer:
        return
    assert json.loads(text) == value


@pytest.mark.parametrize(
    "text",
    [
        *[b"", b" ", b"[1,]", b"{'a':1}", b"[1] [2]", b"nul", b'"\n"', b"\xff", b"\xef\xbb\xbf1", b"01", b"+1"],
        *[b'{"a":1,"a":1}', b'[{"a":{"b":1,"b":2}}]', b"NaN", b"[-Infinity]", b"1e999", b"9" * 5000],
    ],
)
def test_refused(text: bytes) -> None:
    with pytest.raises(MalformedAnswer, match="cannot be parsed"):
        parse(text)


def test_the_depth_is_bounded() -> None:
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) is not None
    with pytest.raises(MalformedAnswer):
        parse(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1))
    with pytest.raises(MalformedAnswer):
        parse(b"[" * 1_000_000)


def test_the_number_of_values_is_bounded() -> None:
    assert parse(b"[0,0,0]", max_values=3) == [0, 0, 0]
    with pytest.raises(MalformedAnswer, match="more than 2 values"):
        parse(b"[0,0,0]", max_values=2)


@pytest.mark.parametrize("text", [b'"[[[["', b'{"[": "]"}', b'["\\"[", "\\\\"]', b"[[],[],{}]", b"1"])
def test_brackets_in_strings_do_not_count(text: bytes) -> None:
    require_depth(text, 2)


@pytest.mark.parametrize("text", [b"[[[]]]", b"[", b"]", b"[}", b"][", b'"["[', b"{[}]"])
def test_brackets_have_to_balance(text: bytes) -> None:
    with pytest.raises(ValueError, match="too deep, or not balanced"):
        require_depth(text, 2)
