"""Where the password of a keystore comes from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import SignerError
from .secret import Secret, read_private_file

PASSWORD_VARIABLE = "DIPMP_PASSWORD"  # noqa: S105 - the variable's name
KEYRING_SERVICE = "dipmp"


def password_path(keystore: Path) -> Path:
    """Return where a keystore's own password file lies: beside it, with `.password` added to its name."""
    return keystore.with_name(keystore.name + ".password")


@dataclass(frozen=True, slots=True)
class PasswordSource:
    """Finds a password: `file`, DIPMP_PASSWORD, the file beside the keystore, the system's keyring, `prompt`.

    `prompt` gets the question and returns the answer; None where nobody can be asked.
    """

    file: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    prompt: Callable[[str], str] | None = None

    def password_for(self, keystore: Path) -> Secret:
        """Return the password. Raises SignerError when there is none, or when its file is open to others."""
        if self.file is not None:
            return _from_file(self.file)
        if PASSWORD_VARIABLE in self.environment:
            return Secret(self.environment[PASSWORD_VARIABLE].encode())
        beside = password_path(keystore)
        if beside.exists():
            return _from_file(beside)
        kept = _from_keyring(keystore)
        if kept is not None:
            return kept
        if self.prompt is not None:
            return Secret(self.prompt(f"Password of {keystore.name}").encode())
        raise SignerError(
            f"the keystore {keystore} needs a password, and there is no terminal to ask on",
            hint=f"set {PASSWORD_VARIABLE}, or give --password-file",
        )


def _from_keyring(keystore: Path) -> Secret | None:
    """Look under the keystore's name without `.json`; None where no keyring is installed, usable or has it."""
    try:
        import keyring  # noqa: PLC0415 - optional
        from keyring.errors import KeyringError  # noqa: PLC0415
    except ModuleNotFoundError:
        return None
    try:
        kept = keyring.get_password(KEYRING_SERVICE, keystore.name.removesuffix(".json"))
    except KeyringError:
        return None
    return None if kept is None else Secret(kept.encode())


def _from_file(path: Path) -> Secret:
    """Read a password; one line end at its end is the editor's, not the password's."""
    text = read_private_file(path, "password file").reveal()
    return Secret(text.removesuffix(b"\n").removesuffix(b"\r"))
