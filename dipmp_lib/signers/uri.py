"""One URI names a signer: `keystore:NAME` or `keystore:PATH`, `kms:KEY`, `rpc:URL`, `env:VARIABLE`."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import platformdirs

from ..errors import SignerError
from .keystore import KeystoreSigner
from .kms import KmsSigner
from .passwords import PasswordSource
from .remote import open_remote
from .secret import Secret
from .signer import KeySigner, Signer

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_KEY = re.compile(r"(?:0x)?([0-9a-fA-F]{64})")


def signer_from_uri(uri: str, *, passwords: PasswordSource, environment: Mapping[str, str]) -> Signer:
    """Open the signer that `uri` names. Raises SignerError, which never shows what was found."""
    scheme, separator, rest = uri.partition(":")
    opener = _OPENERS.get(scheme)
    if not separator or opener is None:
        # The value is not repeated: people paste private keys here.
        raise SignerError(
            "the signer is not one of keystore:NAME, keystore:PATH, kms:KEY, rpc:URL and env:VARIABLE",
            hint="a private key itself is never given on the command line",
        )
    return opener(rest, passwords, environment)


def keystore_folder() -> Path:
    """Return the folder in which `keystore:NAME` looks: `keystores` in the user's configuration folder."""
    return platformdirs.user_config_path("dipmp") / "keystores"


def _open_keystore(text: str, passwords: PasswordSource, environment: Mapping[str, str]) -> Signer:  # noqa: ARG001
    return KeystoreSigner(_keystore_path(text), passwords)


def _keystore_path(text: str) -> Path:
    if "/" in text or os.sep in text:
        return Path(text).expanduser()
    if not _NAME.fullmatch(text):
        raise SignerError(f"{text[:80]!r} is not the name of a keystore")
    folder = keystore_folder()
    for name in (f"{text}.json", text):
        if (folder / name).exists():
            return folder / name
    raise SignerError(
        f"there is no keystore named {text} in {folder}",
        hint=f"for a file elsewhere give its path, as in keystore:./{text}",
    )


def _open_variable(name: str, passwords: PasswordSource, environment: Mapping[str, str]) -> Signer:  # noqa: ARG001
    if not _VARIABLE.fullmatch(name):
        raise SignerError("env: is followed by the name of an environment variable, not by its value")
    if name not in environment:
        raise SignerError(f"the environment variable {name}, which the signer names, is not set")
    match = _KEY.fullmatch(environment[name].strip())
    if match is None:
        raise SignerError(f"the environment variable {name} does not hold a private key (64 hexadecimal digits)")
    return KeySigner(Secret(bytes.fromhex(match[1])))


_OPENERS: dict[str, Callable[[str, PasswordSource, Mapping[str, str]], Signer]] = {
    "keystore": _open_keystore,
    "env": _open_variable,
    "kms": lambda key, _passwords, _environment: KmsSigner(key),
    "rpc": lambda url, _passwords, _environment: open_remote(url),
}
