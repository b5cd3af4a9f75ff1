"""Named keystores in the user's folder: finding, naming and listing them, without a password."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from ...errors import SignerError
from .keystore import KeystoreSigner, PasswordSource, password_path

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_ENDING = ".json"
_PASSWORD = password_path(Path("x")).suffix


@dataclass(frozen=True, slots=True)
class Account:
    """A keystore of the folder. `address` is None where the file states none; `problem` says why it is unusable."""

    name: str
    path: Path
    address: bytes | None
    problem: str = ""


def keystore_folder() -> Path:
    """Return the folder of `keystore:NAME`: `keystores` in the user's configuration folder."""
    return platformdirs.user_config_path("dipmp") / "keystores"


def find_account(name: str) -> Path:
    """Return the path of the keystore with this name. Raises SignerError where there is none."""
    folder = keystore_folder()
    for path in _places(name):
        if path.exists():
            return path
    raise SignerError(
        f"there is no keystore named {name} in {folder}",
        hint=f"for a file elsewhere give its path, as in keystore:./{name}; `dipmp account new {name}` makes one",
    )


def free_account(name: str) -> Path:
    """Return the path for a new keystore of this name. Raises SignerError where the name is taken."""
    for path in _places(name):
        if path.exists():
            raise SignerError(f"there is a keystore named {name} already: {path}", hint="choose another name")
    return _places(name)[0]


def list_accounts() -> Iterator[Account]:
    """Yield the keystores of the folder, sorted by name, also those that cannot be used."""
    folder = keystore_folder()
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        name = path.name.removesuffix(_ENDING)
        if path.is_file() and _NAME.fullmatch(name) and path.suffix != _PASSWORD:
            yield _look_at(name, path)


def _places(name: str) -> tuple[Path, Path]:
    if not _NAME.fullmatch(name) or name.endswith(_ENDING):
        raise SignerError(f"{name[:80]!a} is not the name of a keystore", hint="letters, digits, '.', '_' and '-'")
    folder = keystore_folder()
    return folder / f"{name}{_ENDING}", folder / name


def _look_at(name: str, path: Path) -> Account:
    try:
        return Account(name, path, KeystoreSigner(path, PasswordSource()).stated_address)
    except SignerError as error:
        return Account(name, path, None, str(error))
