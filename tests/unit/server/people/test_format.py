"""Values as people read them, and lists cut into pages."""

from urllib.parse import unquote, urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.server.people.format import (
    bundles,
    chunks,
    moment,
    number,
    page_number,
    segment,
    shortened,
    size,
    take,
)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (3_456_789, "3.5 MB"),
        (2 * 10**12, "2.0 TB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_sizes_have_decimal_units(count: int, text: str) -> None:
    assert size(count) == text


def test_a_moment_is_for_programs_and_for_people() -> None:
    found = moment(1_700_000_000.9)
    assert (found.iso, found.text) == ("2023-11-14T22:13:20Z", "2023-11-14 22:13 UTC")


def test_numbers_and_digests() -> None:
    assert (number(7), number(1234567)) == ("7", "1,234,567")
    assert (shortened("0x12345678abcd"), shortened("0x12345678abcde")) == ("0x12345678abcd", "0x1234…bcde")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text not in (".", "..")))
def test_a_segment_is_one_segment_whatever_is_in_it(text: str) -> None:
    url = urljoin("https://h.example/a/", f"b/{segment(text)}/c")
    before, after = "https://h.example/a/b/", "/c"
    assert url.startswith(before)
    assert url.endswith(after)
    assert unquote(url.removeprefix(before).removesuffix(after)) == text


@pytest.mark.parametrize(("text", "page"), [("1", 1), ("17", 17), ("999999", 999_999)])
def test_a_page_number(text: str, page: int) -> None:
    assert page_number(text) == page


@pytest.mark.parametrize("text", ["", "0", "01", "-1", "+1", "1 ", "1e3", "x", "1000000", "\u0661"])
def test_what_is_no_page_number_is_the_first_page(text: str) -> None:
    assert page_number(text) == 1


def test_the_last_page_stands_for_those_after_it() -> None:
    pages = ["ab", "cd", "e"]
    assert [take(pages, wanted).items for wanted in (1, 3, 4, 99)] == ["ab", "e", "e", "e"]
    found = take(pages, 99)
    assert (found.number, found.count) == (3, 3)


def test_of_nothing_there_is_one_empty_page() -> None:
    found: object = take([], 5)
    assert found == take([()], 1)


@given(st.lists(st.integers()), st.integers(1, 9))
def test_chunks_are_full_but_for_the_last(items: list[int], limit: int) -> None:
    found = chunks(items, limit)
    assert [each for chunk in found for each in chunk] == items
    assert all(len(chunk) == limit for chunk in found[:-1])
    assert all(found)


@given(st.lists(st.lists(st.integers(), min_size=1, max_size=12)), st.integers(1, 6))
def test_bundles_keep_groups_whole_as_long_as_they_fit(groups: list[list[int]], limit: int) -> None:
    found = list(bundles(groups, limit))
    assert [item for bundle in found for group in bundle for item in group] == [item for g in groups for item in g]
    assert all(0 < sum(map(len, bundle)) <= limit for bundle in found)
    whole = [tuple(group) for group in groups if len(group) <= limit]
    parts = [tuple(part) for bundle in found for part in bundle]
    assert all(parts.count(group) >= whole.count(group) for group in whole)
