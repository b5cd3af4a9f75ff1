"""Credentials of pinning services: from variables or a private file, and shown nowhere."""

from pathlib import Path

import pytest

from dipmp_lib.errors import InvalidSettings
from dipmp_lib.ipfs.pinning.credentials import Credentials, read_credentials

CANARY = "canary-77-secret"
ENVIRONMENT = {"KEY": f" {CANARY}\n", "SECRET": "other", "BLANK": " ", "TWO": f"{CANARY} 2", "ODD": f"{CANARY}\u00e9"}


def tokens(credentials: Credentials) -> list[str]:
    return [credentials.token(index) for index in range(len(credentials.values))]


def test_variables_in_their_order() -> None:
    credentials = read_credentials("p", ["KEY", "SECRET"], ENVIRONMENT)
    assert tokens(credentials) == [CANARY, "other"]
    assert credentials.token() == CANARY
    assert CANARY not in repr(credentials)


def test_all_missing_variables_are_named() -> None:
    with pytest.raises(InvalidSettings, match="the pinner p needs the variable NONE and BLANK"):
        read_credentials("p", ["NONE", "KEY", "BLANK"], ENVIRONMENT)


@pytest.mark.parametrize("name", ["TWO", "ODD"])
def test_what_no_header_can_carry_is_not_repeated(name: str) -> None:
    with pytest.raises(InvalidSettings, match="are not one line of ASCII without blanks") as caught:
        read_credentials("p", [name], ENVIRONMENT)
    assert CANARY not in str(caught.value)


def private(path: Path, text: str, mode: int = 0o600) -> str:
    path.write_text(text, encoding="latin-1")
    path.chmod(mode)
    return str(path)


def test_a_file_has_one_value_a_line(tmp_path: Path) -> None:
    file = private(tmp_path / "keys", f"{CANARY}\r\nother\n")
    assert tokens(read_credentials("p", ["KEY", "SECRET"], {}, file)) == [CANARY, "other"]


def test_a_file_in_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    private(tmp_path / "keys", CANARY)
    assert read_credentials("p", ["KEY"], {}, "~/keys").token() == CANARY


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        (CANARY, 0o600, "has 1 lines instead of 2"),
        (f"{CANARY} a b", 0o600, "has 3 lines instead of 2"),
        (f"{CANARY}\u00e9 b", 0o600, "are not one line of ASCII"),
        (f"{CANARY} b", 0o644, r"the credentials file of p .* by other users"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str, mode: int, words: str) -> None:
    with pytest.raises(InvalidSettings, match=words) as caught:
        read_credentials("p", ["KEY", "SECRET"], {}, private(tmp_path / "keys", text, mode))
    assert CANARY not in str(caught.value)


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="cannot be read"):
        read_credentials("p", ["KEY"], ENVIRONMENT, str(tmp_path / "none"))
