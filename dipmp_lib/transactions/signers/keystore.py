"""Keys in geth's encrypted keystore files (Web3 Secret Storage, version 3)."""

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ...errors import SignerError
from ...secret import Secret, read_private_file
from ..ecdsa import CURVE_ORDER
from .port import KeySigner

PASSWORD_VARIABLE = "DIPMP_PASSWORD"  # noqa: S105 - the variable's name
KEYRING_SERVICE = "dipmp"


def password_path(keystore: Path) -> Path:
    """Return the path of a keystore's own password file: beside it, with `.password` added to its name."""
    return keystore.with_name(keystore.name + ".password")


@dataclass(frozen=True, slots=True)
class PasswordSource:
    """Finds a password, in this order: `file`, DIPMP_PASSWORD, the file beside the keystore, the keyring, `prompt`.

    `prompt` takes the question and returns the answer; None without a terminal.
    """

    file: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    prompt: Callable[[str], str] | None = None

    def password_for(self, keystore: Path) -> Secret:
        """Return the password. Raises SignerError where there is none, or its file is readable by other users."""
        if self.file is not None:
            return _from_file(self.file)
        if PASSWORD_VARIABLE in self.environment:
            return Secret(self.environment[PASSWORD_VARIABLE].encode())
        beside = password_path(keystore)
        if beside.exists():
            return _from_file(beside)
        stored = _from_keyring(keystore)
        if stored is not None:
            return stored
        if self.prompt is not None:
            return Secret(self.prompt(f"Password of {keystore.name}").encode())
        raise SignerError(
            f"the keystore {keystore} needs a password, and there is no terminal to ask on",
            hint=f"set {PASSWORD_VARIABLE}, or give --password-file",
        )


def _from_keyring(keystore: Path) -> Secret | None:
    """Return the keyring's password for the keystore's name without `.json`, None where it has none or is unusable."""
    try:
        import keyring  # noqa: PLC0415 - optional
        from keyring.errors import KeyringError  # noqa: PLC0415
    except ModuleNotFoundError:
        return None
    try:
        stored = keyring.get_password(KEYRING_SERVICE, keystore.name.removesuffix(".json"))
    except KeyringError:
        return None
    return None if stored is None else Secret(stored.encode())


def _from_file(path: Path) -> Secret:
    """Read a password; one line end at its end is the editor's, not the password's."""
    text = read_private_file(path, "password file").reveal()
    return Secret(text.removesuffix(b"\n").removesuffix(b"\r"))


_ADDRESS = re.compile(r"(?:0x)?([0-9a-fA-F]{40})")
_LIGHT_ROUNDS = 4_096
"""scrypt's n as in geth's --lightkdf, for keys of development chains."""
_STANDARD_ROUNDS = 262_144


class KeystoreSigner:
    """Signs with the key of one keystore file, which is decrypted once: at `unlock` or at the first signature."""

    def __init__(self, path: Path, passwords: PasswordSource) -> None:
        """Read the file. Raises SignerError where it is missing, readable by other users, or no keystore."""
        self._path = path
        self._passwords = passwords
        self._keystore = _parse(path, read_private_file(path, "keystore").reveal())

    @cached_property
    def address(self) -> bytes:
        """The address that the file states; one without it is decrypted to learn it."""
        return self.stated_address or self._signer.address

    @property
    def stated_address(self) -> bytes | None:
        """The address that the file states, None where it states none."""
        return _stated_address(self._keystore)

    def unlock(self) -> None:
        """Decrypt the key, which takes about a second."""
        self._signer  # noqa: B018 - computed once, here

    def sign_transaction(self, transaction: Mapping[str, object]) -> bytes:
        """Sign as KeySigner does, after decrypting the key if need be."""
        return self._signer.sign_transaction(transaction)

    def sign_typed_data(self, message: Mapping[str, object]) -> bytes:
        """Sign as KeySigner does, after decrypting the key if need be."""
        return self._signer.sign_typed_data(message)

    @cached_property
    def _signer(self) -> KeySigner:
        signer = KeySigner(_decrypt(self._path, self._keystore, self._passwords.password_for(self._path)))
        stated = _stated_address(self._keystore)
        if stated not in (None, signer.address):
            raise SignerError(f"the keystore {self._path} states another address than that of the key in it")
        return signer


def create_keystore(path: Path, password: str, *, light: bool = False) -> bytes:
    """Write a new random key as `store_key` does, and return its address. Raises SignerError."""
    return store_key(path, random_key(), Secret(password.encode()), light=light)


def store_key(path: Path, key: Secret, password: Secret, *, light: bool = False) -> bytes:
    """Write a key, encrypted, to `path` (mode 0600, never overwritten) and return its address.

    `light` makes the password cheap to try (and the file quick to open): for development chains only.
    Raises SignerError, also for an empty password.
    """
    from eth_keyfile.keyfile import create_keyfile_json  # noqa: PLC0415 - heavy

    address = KeySigner(key).address
    if not password.reveal():
        raise SignerError("the password is empty, which protects nothing")
    rounds = _LIGHT_ROUNDS if light else _STANDARD_ROUNDS
    keystore = create_keyfile_json(key.reveal(), password.reveal(), kdf="scrypt", iterations=rounds)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_new(path, json.dumps(keystore))
    except OSError as error:
        raise SignerError(f"the keystore {path} cannot be written: {error.strerror}") from None
    return address


def _write_new(path: Path, text: str) -> None:
    """Create a file and sync it to disk, as the key may be nowhere else. Raises FileExistsError, OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        path.unlink()
        raise


def random_key() -> Secret:
    """Return a new private key, from the system's source of randomness."""
    while not 0 < int.from_bytes(key := os.urandom(32)) < CURVE_ORDER:
        pass
    return Secret(key)


def _parse(path: Path, data: bytes) -> dict[str, object]:
    try:
        keystore = json.loads(data)
    except (ValueError, RecursionError):
        keystore = None
    if not isinstance(keystore, dict) or keystore.get("version") != 3:
        raise SignerError(
            f"{path} is not a keystore file (Web3 Secret Storage, version 3)",
            hint="geth, Foundry's `cast wallet import` and most wallets write such files",
        )
    return keystore


def _stated_address(keystore: Mapping[str, object]) -> bytes | None:
    match = _ADDRESS.fullmatch(str(keystore.get("address", "")))
    return bytes.fromhex(match[1]) if match else None


def _decrypt(path: Path, keystore: dict[str, object], password: Secret) -> Secret:
    from eth_keyfile.keyfile import decode_keyfile_json  # noqa: PLC0415 - heavy

    # The causes are dropped on purpose: their text and frames can hold key material.
    try:
        return Secret(decode_keyfile_json(keystore, password.reveal()))
    except ValueError as error:
        wrong = "MAC mismatch" in str(error)
    except (KeyError, TypeError, AttributeError, NotImplementedError):
        wrong = False
    if wrong:
        raise SignerError(f"the password of the keystore {path} is wrong")
    raise SignerError(f"the keystore {path} is damaged, or uses a cipher or key derivation that is not supported")
