"""Keys: where they come from, what is refused, and that they are never shown."""

import copy
import json
import os
import pickle
import traceback
from pathlib import Path

import pytest
from eth_account import Account

from dipmp_lib.errors import SignerError
from dipmp_lib.model.names import checksum_address
from dipmp_lib.secret import Secret
from dipmp_lib.transactions.signers import (
    KeySigner,
    KeystoreSigner,
    PasswordSource,
    Signer,
    create_keystore,
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


@pytest.fixture
def keystore(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "mine.json"
    create_keystore(path, PASSWORD, light=True)
    return path


def test_a_secret_shows_nowhere() -> None:
    secret = Secret(KEY.encode())
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>100}", "%s" % secret, repr([secret])]  # noqa: UP031
    assert not any(KEY in text for text in shown)
    assert secret.reveal() == KEY.encode()
    for copier in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not serialised"):
            copier(secret)


@pytest.mark.parametrize("value", [KEY, f"0x{KEY}", KEY.upper(), f"  {KEY}\n"])
def test_a_key_from_the_environment_signs(value: str) -> None:
    signer = open_signer("env:CI_KEY", CI_KEY=value)
    assert checksum_address(signer.address) == ADDRESS
    signer.unlock()
    raw = signer.sign_transaction(TRANSACTION)
    assert Account.recover_transaction(raw) == ADDRESS
    assert raw == bytes(Account.sign_transaction(TRANSACTION, KEY).raw_transaction)


@pytest.mark.parametrize("value", ["", KEY[:-1], KEY + "0", "hello", "0" * 64, "f" * 64])
def test_a_bad_key_in_the_environment(value: str) -> None:
    with pytest.raises(SignerError) as caught:
        open_signer("env:CI_KEY", CI_KEY=value)
    assert not value or value not in str(caught.value)


@pytest.mark.parametrize(
    "uri", ["", "keystore", KEY, f"0x{KEY}", f"key:{KEY}", f"env:{KEY}", "env:", "env:A B", "keystore:", "keystore:a b"]
)
def test_bad_uris_are_refused_without_repeating_them(uri: str) -> None:
    with pytest.raises(SignerError) as caught:
        open_signer(uri)
    assert KEY not in str(caught.value) + caught.value.hint


def test_an_unset_variable() -> None:
    with pytest.raises(SignerError, match="CI_KEY, which the signer names, is not set"):
        open_signer("env:CI_KEY")


def test_a_keystore_signs(keystore: Path) -> None:
    signer = open_signer(f"keystore:{keystore}", DIPMP_PASSWORD=PASSWORD)
    raw = signer.sign_transaction(TRANSACTION)
    assert Account.recover_transaction(raw) == checksum_address(signer.address)
    assert json.loads(keystore.read_text())["version"] == 3
    assert Account.from_key(Account.decrypt(json.loads(keystore.read_text()), PASSWORD)).address == checksum_address(
        signer.address
    )


def test_a_keystore_is_private_and_never_overwritten(keystore: Path) -> None:
    assert keystore.stat().st_mode & 0o777 == 0o600
    assert keystore.parent.stat().st_mode & 0o777 == 0o700
    before = keystore.read_bytes()
    with pytest.raises(SignerError, match="cannot be written: File exists"):
        create_keystore(keystore, PASSWORD, light=True)
    assert keystore.read_bytes() == before


def test_the_address_is_known_without_the_password(keystore: Path) -> None:
    address = KeystoreSigner(keystore, PasswordSource()).address
    assert address.hex() in keystore.read_text().lower()


def test_a_keystore_without_address_is_decrypted_for_it(keystore: Path) -> None:
    address = KeystoreSigner(keystore, PasswordSource()).address
    content = json.loads(keystore.read_text())
    del content["address"]
    keystore.write_text(json.dumps(content))
    assert open_signer(f"keystore:{keystore}", DIPMP_PASSWORD=PASSWORD).address == address
    with pytest.raises(SignerError, match="needs a password"):
        _ = open_signer(f"keystore:{keystore}").address


def test_a_keystore_that_states_another_address(keystore: Path) -> None:
    content = json.loads(keystore.read_text()) | {"address": "11" * 20}
    keystore.write_text(json.dumps(content))
    with pytest.raises(SignerError, match="another address than that of the key"):
        open_signer(f"keystore:{keystore}", DIPMP_PASSWORD=PASSWORD).unlock()


def test_a_wrong_password_is_one_sentence(keystore: Path) -> None:
    with pytest.raises(SignerError, match=r"^the password of the keystore .*mine.json is wrong$") as caught:
        open_signer(f"keystore:{keystore}", DIPMP_PASSWORD=PASSWORD[::-1]).unlock()
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert PASSWORD[::-1] not in "".join(traceback.format_exception(caught.value))


def test_the_order_of_password_sources(keystore: Path, tmp_path: Path) -> None:
    def private(path: Path, text: str) -> Path:
        path.write_text(text)
        path.chmod(0o600)
        return path

    asked: list[str] = []

    def prompt(question: str) -> str:
        asked.append(question)
        return "prompt"

    given = private(tmp_path / "given", "file\r\n")
    environment = {"DIPMP_PASSWORD": "environment"}
    assert PasswordSource(given, environment, prompt).password_for(keystore).reveal() == b"file"
    private(password_path(keystore), "beside\n")
    assert PasswordSource(None, environment, prompt).password_for(keystore).reveal() == b"environment"
    assert PasswordSource(None, {}, prompt).password_for(keystore).reveal() == b"beside"
    password_path(keystore).unlink()
    assert PasswordSource(None, {}, prompt).password_for(keystore).reveal() == b"prompt"
    assert asked == ["Password of mine.json"]
    with pytest.raises(SignerError, match="no terminal to ask on") as caught:
        PasswordSource().password_for(keystore)
    assert "--password-file" in caught.value.hint
    assert "environment" not in repr(PasswordSource(None, environment))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() < 0, reason="POSIX file modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o601])
def test_files_open_to_others_are_refused(keystore: Path, mode: int) -> None:
    keystore.chmod(mode)
    with pytest.raises(SignerError, match=f"can be read or written by other users \\(mode 0{mode:o}\\)") as caught:
        open_signer(f"keystore:{keystore}", DIPMP_PASSWORD=PASSWORD)
    assert caught.value.hint == f"chmod 600 {keystore}"
    keystore.chmod(0o600)
    beside = password_path(keystore)
    beside.write_text(PASSWORD)
    beside.chmod(mode)
    with pytest.raises(SignerError, match=r"the password file .* can be read"):
        open_signer(f"keystore:{keystore}").unlock()


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", "null", '{"version": 1}', '{"version": 3}', '{"version": 3, "crypto": {}}', "[" * 5_000],
)
def test_files_that_are_no_keystores(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(SignerError, match=r"is not a keystore|is damaged"):
        open_signer(f"keystore:{path}", DIPMP_PASSWORD=PASSWORD).unlock()


def test_missing_large_and_odd_files(tmp_path: Path) -> None:
    large = tmp_path / "large.json"
    large.write_bytes(b" " * 70_000)
    large.chmod(0o600)
    for path, text in ((tmp_path / "no.json", "No such file"), (large, "larger than"), (tmp_path, "cannot be read")):
        with pytest.raises(SignerError, match=text):
            open_signer(f"keystore:{path}")


def test_a_name_looks_in_the_configuration_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / name)
    address = create_keystore(tmp_path / "dipmp" / "keystores" / "work.json", PASSWORD, light=True)
    assert open_signer("keystore:work").address == address
    (tmp_path / "dipmp" / "keystores" / "work.json").rename(tmp_path / "dipmp" / "keystores" / "UTC--2026")
    assert open_signer("keystore:UTC--2026").address == address
    with pytest.raises(SignerError, match="there is no keystore named play") as caught:
        open_signer("keystore:play")
    assert "keystore:./play" in caught.value.hint


def test_a_transaction_that_cannot_be_signed_shows_no_key() -> None:
    signer = KeySigner(Secret(bytes.fromhex(KEY)))
    with pytest.raises(SignerError) as caught:
        signer.sign_transaction({**TRANSACTION, "nonce": "seven"})
    assert caught.value.__context__ is None
    assert KEY not in "".join(traceback.format_exception(caught.value, chain=True))
