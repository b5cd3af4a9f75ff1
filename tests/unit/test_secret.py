"""Secrets: shown nowhere, and read from files that only their owner can read."""

import copy
import os
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import SignerError
from dipmp_lib.secret import Secret, parse_key, read_private_file

CANARY = b"canary-77-secret"
KEY = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"


def test_a_secret_shows_as_stars() -> None:
    secret = Secret(CANARY)
    shown = f"{secret} {secret!r} {secret!s} {secret:>20} {[secret]}" + "%s" % secret  # noqa: UP031 - one more way
    assert "canary" not in shown
    assert shown.count("***") == 6
    assert secret.reveal() == CANARY


@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_is_not_serialised(duplicate: object) -> None:
    assert callable(duplicate)
    with pytest.raises(TypeError, match="not serialised"):
        duplicate(Secret(CANARY))


def test_a_secret_has_no_other_attributes() -> None:
    with pytest.raises(AttributeError):
        Secret(CANARY).note = "x"  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", [KEY, f"0x{KEY}", f"  {KEY.upper()}\n"])
def test_keys(text: str) -> None:
    assert parse_key(text, "it").reveal() == bytes.fromhex(KEY)


@pytest.mark.parametrize("text", ["", KEY[1:], KEY + "0", f"0X{KEY}", f"0x0x{KEY}", KEY.replace("4", "g"), f"{KEY} 1"])
def test_what_is_no_key_is_not_repeated(text: str) -> None:
    with pytest.raises(SignerError, match=r"it does not hold a private key \(64 hexadecimal digits\)") as caught:
        parse_key(text, "it")
    assert KEY[5:20] not in str(caught.value)


@given(st.text(max_size=80))
def test_parsing_keys_is_total(text: str) -> None:
    try:
        assert len(parse_key(text, "it").reveal()) == 32
    except SignerError:
        assert len(text) != 64 or set(text.lower()) - set("0123456789abcdef")


def private(path: Path, data: bytes = CANARY, mode: int = 0o600) -> Path:
    path.write_bytes(data)
    path.chmod(mode)
    return path


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    assert read_private_file(private(tmp_path / "key"), "key file").reveal() == CANARY


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o601])
def test_a_file_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = private(tmp_path / "key", mode=mode)
    with pytest.raises(SignerError, match=rf"the key file .* by other users \(mode {mode:04o}\)") as caught:
        read_private_file(path, "key file")
    assert caught.value.hint == f"chmod 600 {path}"
    assert "canary" not in str(caught.value)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    assert len(read_private_file(private(tmp_path / "most", bytes(65_536)), "key file").reveal()) == 65_536
    with pytest.raises(SignerError, match="larger than 65536 bytes"):
        read_private_file(private(tmp_path / "more", bytes(65_537)), "key file")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SignerError, match="cannot be read: No such file"):
        read_private_file(tmp_path / "missing", "key file")
    with pytest.raises(SignerError, match="cannot be read"):
        read_private_file(tmp_path, "key file")


@pytest.mark.skipif(os.name != "posix", reason="devices of POSIX")
def test_a_device_is_no_regular_file() -> None:
    with pytest.raises(SignerError, match="is not a regular file"):
        read_private_file(Path(os.devnull), "key file")
