"""Times and addresses as people write them, and texts from a chain as they are shown."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_cli.terminal.format import count, json_account, parse_account, parse_time, plain, show_account, show_time
from dipmp_lib.errors import DipmpError

NOW = 1_700_000_000  # 2023-11-14 22:13:20 UTC
DAY = 86_400


@pytest.mark.parametrize(
    ("written", "ahead", "meant"),
    [
        ("90d", True, NOW + 90 * DAY),
        ("90d", False, NOW - 90 * DAY),
        ("12h", True, NOW + DAY // 2),
        ("2W", True, NOW + 14 * DAY),
        (" 1d ", False, NOW - DAY),
        ("2023-11-15", True, 1_700_006_400),
        ("2023-11-15 00:00", False, 1_700_006_400),
        ("2023-11-15T00:00:00Z", True, 1_700_006_400),
        ("2023-11-15T02:00+02:00", True, 1_700_006_400),
    ],
)
def test_times(written: str, ahead: bool, meant: int) -> None:
    assert parse_time(written, NOW, ahead=ahead) == meant


@pytest.mark.parametrize("written", ["", "soon", "90", "d", "0d", "-1d", "1.5d", "2023-13-01", "999999d", "1700000000"])
def test_what_is_no_time(written: str) -> None:
    with pytest.raises(DipmpError, match="is not a time") as caught:
        parse_time(written, NOW, ahead=True)
    assert caught.value.hint


@given(st.text(max_size=40), st.booleans())
def test_any_text_is_a_time_or_an_error(written: str, ahead: bool) -> None:
    with suppress(DipmpError):
        assert isinstance(parse_time(written, NOW, ahead=ahead), int)


@given(st.integers())
def test_any_second_can_be_shown(seconds: int) -> None:
    assert show_time(seconds)


def test_a_second_is_shown_in_utc() -> None:
    assert show_time(NOW) == "2023-11-14 22:13:20 UTC"


def test_accounts() -> None:
    address = bytes.fromhex("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")
    assert parse_account("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed") == address
    assert parse_account(" 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed ") == address
    assert show_account(address) == "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    assert (show_account(bytes(20)), show_account(None)) == ("nobody", "unknown")
    assert (json_account(bytes(20)), json_account(None)) == (None, None)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("", "is not an address"),
        ("me.eth", "is not an address"),
        ("0x12", "is not an address"),
        ("base:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "names a chain"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "EIP-55"),
    ],
)
def test_what_is_no_account(written: str, problem: str) -> None:
    with pytest.raises(DipmpError, match=problem) as caught:
        parse_account(written)
    assert caught.value.hint


@given(st.text())
def test_texts_from_a_chain_stay_on_their_line(text: str) -> None:
    assert plain(text).isprintable()
    assert len(plain(text)) <= 201


def test_counting() -> None:
    assert (count(1, "file"), count(2, "file"), count(1_000, "entry")) == ("1 file", "2 files", "1,000 entries")
