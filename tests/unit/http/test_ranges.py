"""Byte ranges against the rules of RFC 9110."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.http.ranges import byte_range, wanted_range


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=2-4", (2, 5)),
        (" bytes=2- ", (2, 10)),
        ("bytes=2-99", (2, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-99", (0, 10)),
        ("bytes=9-", (9, 10)),
    ],
)
def test_ranges(header: str, span: tuple[int, int]) -> None:
    assert byte_range(header, 10) == span


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=11-20", "bytes=-0"])
def test_ranges_that_cannot_be_satisfied(header: str) -> None:
    found = byte_range(header, 10)
    assert found is not None
    assert found[0] >= found[1]


@pytest.mark.parametrize(
    "header",
    [
        *["", "bytes", "bytes=", "bytes=-", "bytes=4-2", "bytes=0-1,3-4", "bytes=a-b", "bytes=1 - 2", "bytes=--1"],
        *["Bytes=0-1", "items=0-1", "bytes=+1-2", "bytes=0x1-2", f"bytes={'9' * 19}-", "bytes=\u0661-"],
    ],
)
def test_headers_that_are_ignored(header: str) -> None:
    assert byte_range(header, 10) is None


@given(st.text(max_size=30), st.integers(0, 10**12))
def test_any_header_is_answered(header: str, size: int) -> None:
    found = byte_range(header, size)
    assert found is None or (found[0] >= 0 and found[1] <= size)


@given(st.integers(0, 50), st.integers(0, 50), st.binary(min_size=1, max_size=40))
def test_a_range_is_the_slice_of_the_body(start: int, more: int, body: bytes) -> None:
    first, stop = byte_range(f"bytes={start}-{start + more}", len(body)) or (0, 0)
    assert body[first:stop] == body[start : start + more + 1]


def test_a_range_of_another_body_is_ignored() -> None:
    assert wanted_range("bytes=0-1", None, '"a"', 10) == (0, 2)
    assert wanted_range("bytes=0-1", '"a"', '"a"', 10) == (0, 2)
    for condition in ('"b"', 'W/"a"', "Wed, 21 Oct 2015 07:28:00 GMT", ""):
        assert wanted_range("bytes=0-1", condition, '"a"', 10) is None
