"""`dipmp account`: keys into encrypted files that are never overwritten, and listed without a password."""

import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from eth_account import Account

from dipmp_lib.errors import SignerError
from dipmp_lib.secret import Secret
from dipmp_lib.transactions.signers import PasswordSource, signer_from_uri, store_key
from tests.support.programs.cli import Shell

KEY = "4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d"
ADDRESS = Account.from_key(KEY).address
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


def type_on_stdin(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def private(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_a_new_key(shell: Shell, folder: Path) -> None:
    ran = shell.dipmp("account", "new", "work")
    assert ran.code == 0, ran.err
    path = folder / "work.json"
    content = json.loads(path.read_text())
    key = Account.decrypt(content, PASSWORD)
    assert ran.out == f"{Account.from_key(key).address}\n"
    assert key.hex().removeprefix("0x") not in ran.out + ran.err
    assert PASSWORD not in ran.out + ran.err
    signer = signer_from_uri(
        "keystore:work", passwords=PasswordSource(environment={"DIPMP_PASSWORD": PASSWORD}), environment={}
    )
    signer.unlock()
    assert signer.address.hex() == content["address"].removeprefix("0x").lower()


def test_two_new_keys_differ(shell: Shell) -> None:
    assert shell.dipmp("account", "new", "a").out != shell.dipmp("account", "new", "b").out


@pytest.mark.parametrize("existing", ["work.json", "work"])
def test_a_name_that_is_taken_is_never_overwritten(shell: Shell, folder: Path, existing: str) -> None:
    folder.mkdir(parents=True)
    (folder / existing).write_text("precious")
    for command in (("new",), ("import", "--key-file", folder / "none")):
        ran = shell.dipmp("account", *command, "work")
        assert ran.error == f"there is a keystore named work already: {folder / existing}"
    assert [path.read_text() for path in folder.iterdir()] == ["precious"]


def test_a_file_that_appears_meanwhile_is_not_overwritten(folder: Path) -> None:
    path = folder / "work.json"
    folder.mkdir(parents=True)
    path.write_text("precious")
    with pytest.raises(SignerError, match="File exists"):
        store_key(path, Secret(bytes.fromhex(KEY)), Secret(b"x"), light=True)
    assert path.read_text() == "precious"


def test_a_full_disk_leaves_no_half_a_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SignerError, match="No space left on device"):
        store_key(folder / "work.json", Secret(bytes.fromhex(KEY)), Secret(b"x"), light=True)
    assert list(folder.iterdir()) == []


def from_stdin(_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    type_on_stdin(monkeypatch, f"0x{KEY}\n")
    return []


def from_file(path: Path, _monkeypatch: pytest.MonkeyPatch) -> list[object]:
    return ["--key-file", private(path, f"{KEY.upper()}\n")]


def from_prompt(_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    asked: list[str] = []

    def prompt(question: str, **options: object) -> str:
        assert options["hide_input"] is True
        asked.append(question)
        return KEY

    monkeypatch.setattr("dipmp_cli.terminal.console.can_ask", lambda: True)
    monkeypatch.setattr("typer.prompt", prompt)
    return []


@pytest.mark.parametrize("way", [from_stdin, from_file, from_prompt])
def test_importing(
    shell: Shell,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: Callable[[Path, pytest.MonkeyPatch], list[object]],
) -> None:
    ran = shell.dipmp("account", "import", "old", "--json", *way(tmp_path / "key", monkeypatch))
    assert ran.code == 0, ran.err
    assert json.loads(ran.out) == {
        "name": "old",
        "signer": "keystore:old",
        "address": ADDRESS,
        "path": str(folder / "old.json"),
    }
    assert KEY not in (ran.out + ran.err).lower()
    assert Account.decrypt(json.loads((folder / "old.json").read_text()), PASSWORD).hex().removeprefix("0x") == KEY


def test_there_is_no_way_to_give_a_key_as_an_argument(shell: Shell, folder: Path) -> None:
    for arguments in (("old", KEY), ("old", "--key", KEY), ("old", "--private-key", KEY)):
        assert shell.dipmp("account", "import", *arguments).code == 2
    assert not folder.exists()


@pytest.mark.parametrize("text", ["", "hello", KEY[1:], KEY + "00", "0" * 64, "f" * 64, KEY * 100])
def test_what_is_no_key(shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    type_on_stdin(monkeypatch, text)
    ran = shell.dipmp("account", "import", "old")
    assert ran.code == 1
    assert not text or text not in ran.err
    assert not folder.exists()


def test_a_password_is_asked_for_twice_and_is_not_empty(
    shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.environment({})
    asked: list[dict[str, object]] = []

    def prompt(_question: str, **options: object) -> str:
        asked.append(options)
        return PASSWORD

    monkeypatch.setattr("dipmp_cli.terminal.console.can_ask", lambda: True)
    monkeypatch.setattr("typer.prompt", prompt)
    assert shell.dipmp("account", "new", "work").code == 0
    assert asked == [{"hide_input": True, "confirmation_prompt": True, "err": True}]
    shell.environment({"DIPMP_PASSWORD": ""})
    assert shell.dipmp("account", "new", "play").error == "the password is empty, which protects nothing"
    assert [path.name for path in folder.iterdir()] == ["work.json"]


@pytest.mark.parametrize("name", ["", "a/b", "../x", ".hidden", "-x", "a b", "work.json", "x" * 200, "ä"])
def test_names_that_are_none(shell: Shell, folder: Path, name: str) -> None:
    ran = shell.dipmp("account", "new", "--", name)
    assert "is not the name of a keystore" in ran.error
    assert not folder.exists()


def test_the_list(shell: Shell, folder: Path) -> None:
    ran = shell.dipmp("account", "list")
    assert (ran.code, ran.out) == (0, "")
    assert f"no keystores in {folder}" in ran.err
    store_key(folder / "b.json", Secret(bytes.fromhex(KEY)), Secret(b"x"), light=True)
    private(folder / "b.json.password", "x")
    private(folder / "c.json", "{}")
    store_key(folder / "loose.json", Secret(bytes.fromhex(KEY)), Secret(b"x"), light=True)
    (folder / "loose.json").chmod(0o644)
    (folder / "folder.json").mkdir()
    content = json.loads((folder / "b.json").read_text())
    del content["address"]
    private(folder / "UTC--2026", json.dumps(content))
    shell.environment({})
    lines = shell.dipmp("account", "list").out.splitlines()
    assert lines[:2] == ["unknown  keystore:UTC--2026", f"{ADDRESS}  keystore:b"]
    assert lines[2].startswith("unknown  keystore:c  unusable: ")
    assert "keystore:loose  unusable: the keystore" in lines[3]
    assert len(lines) == 4
    rows = json.loads(shell.dipmp("account", "list", "--json").out)
    assert [(row["name"], row["address"], row["problem"] is None) for row in rows] == [
        ("UTC--2026", None, True),
        ("b", ADDRESS, True),
        ("c", None, False),
        ("loose", None, False),
    ]
