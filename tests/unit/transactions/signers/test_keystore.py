"""Keystores: what they are read from and written to, who may read them, and where passwords come from."""

import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from eth_account import Account

from dipmp_lib.errors import SignerError
from dipmp_lib.model.names import checksum_address
from dipmp_lib.transactions.signers import (
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


# ---- the system's keyring: asked after files and variables, before a person

PATH = Path("keys/work.json")


class KeyringError(Exception):
    """As in keyring.errors."""


def install(monkeypatch: pytest.MonkeyPatch, get_password: Callable[[str, str], str | None]) -> None:
    """Put a keyring with this one function in place."""
    module, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    module.__dict__.update(get_password=get_password, errors=errors)
    errors.__dict__.update(KeyringError=KeyringError)
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)


def test_it_is_asked_for_the_keystores_name(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def get(service: str, name: str) -> str:
        asked.append((service, name))
        return "from the keyring"

    install(monkeypatch, get)
    source = PasswordSource(prompt=lambda _: "from a person")
    assert source.password_for(PATH).reveal() == b"from the keyring"
    assert asked == [("dipmp", "work")]


def test_files_and_variables_come_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install(monkeypatch, lambda *_: pytest.fail("the keyring was asked"))
    assert PasswordSource(environment={"DIPMP_PASSWORD": "variable"}).password_for(PATH).reveal() == b"variable"
    beside = password_path(tmp_path / "work.json")
    beside.write_text("beside")
    beside.chmod(0o600)
    assert PasswordSource().password_for(tmp_path / "work.json").reveal() == b"beside"


def fails(_service: str, _name: str) -> str:
    raise KeyringError("locked: hunter2")


@pytest.mark.parametrize("get", [lambda *_: None, fails])
def test_without_it_a_person_is_asked(monkeypatch: pytest.MonkeyPatch, get: Callable[[str, str], str | None]) -> None:
    install(monkeypatch, get)
    assert PasswordSource(prompt=lambda _: "from a person").password_for(PATH).reveal() == b"from a person"
    with pytest.raises(SignerError, match="needs a password") as caught:
        PasswordSource().password_for(PATH)
    assert "hunter2" not in repr(caught.value) + str(caught.value.__context__)


def test_no_keyring_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert PasswordSource(prompt=lambda _: "from a person").password_for(PATH).reveal() == b"from a person"


def test_the_real_package_has_what_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = pytest.importorskip("keyring")
    from keyring.backend import KeyringBackend

    before = keyring.get_keyring()  # now, as whatever class there is when it is first asked for may be chosen

    class Memory(KeyringBackend):
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            return {"work": "kept"}.get(username)

        def set_password(self, service: str, username: str, password: str) -> None:
            raise NotImplementedError

        def delete_password(self, service: str, username: str) -> None:
            raise NotImplementedError

    keyring.set_keyring(Memory())  # type: ignore[no-untyped-call, unused-ignore]
    try:
        assert PasswordSource().password_for(PATH).reveal() == b"kept"
        with pytest.raises(SignerError):
            PasswordSource().password_for(Path("play.json"))
    finally:
        keyring.set_keyring(before)
