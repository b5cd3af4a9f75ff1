"""Named keystores in the user's folder: found, listed and never replaced."""

from pathlib import Path

import pytest
from eth_account import Account

from dipmp_lib.errors import SignerError
from dipmp_lib.transactions.signers import Account as Listed
from dipmp_lib.transactions.signers import (
    PasswordSource,
    Signer,
    create_keystore,
    find_account,
    free_account,
    keystore_folder,
    list_accounts,
    password_path,
    signer_from_uri,
)

KEY = "4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d"
ADDRESS = Account.from_key(KEY).address
TRANSACTION = {
    "type": 2,
    "chainId": 1337,
    "nonce": 7,
    "gas": 21_000,
    "maxFeePerGas": 2,
    "maxPriorityFeePerGas": 1,
    "to": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "value": 0,
    "data": "0x",
}
PASSWORD = "correct horse"


def open_signer(uri: str, **environment: str) -> Signer:
    return signer_from_uri(uri, passwords=PasswordSource(environment=environment), environment=environment)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / name)
    return tmp_path / "dipmp" / "keystores"


def test_a_name_looks_in_the_configuration_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / name)
    address = create_keystore(tmp_path / "dipmp" / "keystores" / "work.json", PASSWORD, light=True)
    assert open_signer("keystore:work").address == address
    (tmp_path / "dipmp" / "keystores" / "work.json").rename(tmp_path / "dipmp" / "keystores" / "UTC--2026")
    assert open_signer("keystore:UTC--2026").address == address
    with pytest.raises(SignerError, match="there is no keystore named play") as caught:
        open_signer("keystore:play")
    assert "keystore:./play" in caught.value.hint


def test_accounts_are_listed_without_passwords(folder: Path) -> None:
    assert list(list_accounts()) == []
    address = create_keystore(folder / "work.json", PASSWORD, light=True)
    password_path(folder / "work.json").write_text("x")
    (folder / "bad.json").write_text("{}")
    (folder / "bad.json").chmod(0o600)
    (folder / "folder.json").mkdir()
    (folder / ".hidden").write_text("x")
    bad, work = list_accounts()
    assert work == Listed("work", folder / "work.json", address)
    assert (bad.name, bad.address) == ("bad", None)
    assert "is not a keystore file" in bad.problem
    assert keystore_folder() == folder


def test_a_name_is_taken_once(folder: Path) -> None:
    assert free_account("work") == folder / "work.json"
    create_keystore(folder / "work.json", PASSWORD, light=True)
    with pytest.raises(SignerError, match="there is a keystore named work already") as caught:
        free_account("work")
    assert caught.value.hint == "choose another name"
    assert find_account("work") == folder / "work.json"


@pytest.mark.parametrize("name", ["", ".x", "../x", "a/b", "a b", "x.json", "x" * 129, "\u00e9"])
def test_texts_that_are_no_names(name: str) -> None:
    for act in (find_account, free_account):
        with pytest.raises(SignerError, match="is not the name of a keystore"):
            act(name)
