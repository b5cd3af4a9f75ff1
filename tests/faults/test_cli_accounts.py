"""Keystores and key files that others can read, and passwords that nobody can give."""

import os
from pathlib import Path

import pytest

from tests.support.programs.cli import Shell

KEY = "4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d"
PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cheap key derivation: what costs a second is eth_keyfile's affair."""
    monkeypatch.setattr("dipmp_lib.transactions.signers.keystore._STANDARD_ROUNDS", 4096)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("platformdirs.user_config_path", lambda name, *_, **__: tmp_path / name)
    return tmp_path / "dipmp" / "keystores"


@pytest.fixture
def shell(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    made = Shell(monkeypatch, capsys)
    made.environment({"DIPMP_PASSWORD": PASSWORD})
    return made


def private(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_K2_files_and_folder_are_private_whatever_the_umask(shell: Shell, folder: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        assert shell.dipmp("account", "new", "work").code == 0
    finally:
        os.umask(before)
    assert (folder / "work.json").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_K2_a_key_file_that_others_can_read(shell: Shell, tmp_path: Path, mode: int) -> None:
    path = private(tmp_path / "key", KEY)
    path.chmod(mode)
    ran = shell.dipmp("account", "import", "old", "--key-file", path)
    assert f"can be read or written by other users (mode {mode:04o})" in ran.error
    assert f"hint: chmod 600 {path}" in ran.err


def test_K3_no_password_and_nobody_to_ask(shell: Shell, folder: Path) -> None:
    shell.environment({})
    ran = shell.dipmp("account", "new", "work")
    assert "needs a password, and there is no terminal to ask on" in ran.error
    assert not folder.exists()
