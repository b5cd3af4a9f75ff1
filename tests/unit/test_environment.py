"""Values of variables: what is read, and what is noted of what cannot be used."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.environment import CHAIN_ID, VariableReader, is_http_url, split_items
from dipmp_lib.errors import InvalidAddress, InvalidSettings


def noted(reader: VariableReader) -> list[str]:
    return [str(error) for error in reader.errors]


def test_a_value_has_no_blanks_around_it_and_is_empty_where_it_is_not_set() -> None:
    reader = VariableReader({"A": "  a b ", "BLANK": " \t"})
    assert (reader.value("A"), reader.value("BLANK"), reader.value("B")) == ("a b", "", "")


def test_values_are_the_items_between_commas() -> None:
    reader = VariableReader({"A": " x , y y,, z,"})
    assert reader.values("A") == ("x", "y y", "z")
    assert reader.values("B") == ()


@given(st.lists(st.text(st.characters(exclude_characters=","), min_size=1).map(str.strip).filter(bool)))
def test_items_that_are_joined_are_split_again(items: list[str]) -> None:
    assert split_items([", ".join(items)]) == split_items(items) == tuple(items)


def test_without_a_mistake_nothing_is_raised() -> None:
    VariableReader({}).check()


def test_one_mistake_is_raised_as_it_is() -> None:
    reader = VariableReader({})
    reader.errors.append(InvalidAddress("'0x' is no address", hint="type it again"))
    with pytest.raises(InvalidAddress) as caught:
        reader.check()
    assert caught.value.hint == "type it again"


def test_several_mistakes_are_raised_together_in_their_order() -> None:
    reader = VariableReader({})
    reader.problem("A is wrong")
    reader.errors.append(InvalidAddress("B is no address"))
    with pytest.raises(InvalidSettings) as caught:
        reader.check()
    assert caught.value.problems == ("A is wrong", "B is no address")


@pytest.mark.parametrize("text", ["1", "8453", "9" * 19])
def test_what_matches_is_returned(text: str) -> None:
    reader = VariableReader({})
    assert reader.matching(text, "A", CHAIN_ID, "a chain id") == text
    assert reader.matching("", "A", CHAIN_ID, "a chain id") == ""
    assert noted(reader) == []


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "0x1", "1" * 20, "\u0661", "1\n"])
def test_what_does_not_match_is_noted_with_its_origin(text: str) -> None:
    reader = VariableReader({})
    assert reader.matching(text, "--chain-id", CHAIN_ID, "a chain id") == ""
    assert noted(reader) == [f"--chain-id is {text!r}, not a chain id"]


def test_a_long_value_is_not_repeated_whole() -> None:
    reader = VariableReader({})
    reader.matching("x" * 99, "A", CHAIN_ID, "a chain id")
    assert noted(reader) == [f"A is {'x' * 40!r}, not a chain id"]


def test_a_choice_is_one_of_the_words_and_the_first_by_default() -> None:
    reader = VariableReader({"A": " b ", "C": "a.c", "D": "abc"})
    assert [reader.choice(name, ("a", "b", "a.c")) for name in ("A", "B", "C")] == ["b", "a", "a.c"]
    assert noted(reader) == []
    assert reader.choice("D", ("a", "b", "a.c")) == "a"
    assert noted(reader) == ["D is 'abc', not one of a, b, a.c"]


URLS = ["http://h", "https://h:8545/key?x=1", "https://[::1]/"]
NO_URLS = [
    "h",
    "ftp://h",
    "https:///key",
    "http://[::1",
    "https://h:99999",
    "https://h:0",
    "file:///x",
    "https://h\x00x",
]


@pytest.mark.parametrize("url", URLS)
def test_a_url_is_no_mistake(url: str) -> None:
    reader = VariableReader({})
    assert reader.is_url(url, "URL 1 is none")
    assert is_http_url(url)
    assert noted(reader) == []


@pytest.mark.parametrize("url", NO_URLS)
def test_of_what_is_no_url_only_the_given_problem_is_noted(url: str) -> None:
    reader = VariableReader({})
    assert not reader.is_url(url, "URL 1 is none")
    assert not is_http_url(url)
    assert noted(reader) == ["URL 1 is none"]


@given(st.text())
def test_telling_urls_is_total(text: str) -> None:
    assert is_http_url(text) in (True, False)
