"""Passwords in the system's keyring: asked after files and variables, before a person, and missed by nobody."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from dipmp_lib.errors import SignerError
from dipmp_lib.transactions.signers import PasswordSource, password_path

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

    class Memory(KeyringBackend):
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            return {"work": "kept"}.get(username)

        def set_password(self, service: str, username: str, password: str) -> None:
            raise NotImplementedError

        def delete_password(self, service: str, username: str) -> None:
            raise NotImplementedError

    before = keyring.get_keyring()
    keyring.set_keyring(Memory())  # type: ignore[no-untyped-call, unused-ignore]
    try:
        assert PasswordSource().password_for(PATH).reveal() == b"kept"
        with pytest.raises(SignerError):
            PasswordSource().password_for(Path("play.json"))
    finally:
        keyring.set_keyring(before)
