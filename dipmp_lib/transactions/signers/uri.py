"""URIs of signers: `keystore:NAME`, `keystore:PATH`, `kms:KEY`, `rpc:URL` and `env:VARIABLE`."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from ...errors import SignerError
from ...secret import parse_key
from .keystore import KeystoreSigner, PasswordSource
from .keystores import find_account
from .kms import KmsSigner
from .port import KeySigner, Signer
from .rpc import open_remote

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


def signer_from_uri(uri: str, *, passwords: PasswordSource, environment: Mapping[str, str]) -> Signer:
    """Return the signer that `uri` names, locked. Raises SignerError, whose text never has a secret."""
    scheme, separator, rest = uri.partition(":")
    opener = _OPENERS.get(scheme)
    if not separator or opener is None:
        # The text is not repeated, as people paste private keys here.
        raise SignerError(
            "the signer is not one of keystore:NAME, keystore:PATH, kms:KEY, rpc:URL and env:VARIABLE",
            hint="a private key itself is never given on the command line",
        )
    return opener(rest, passwords, environment)


def _open_keystore(text: str, passwords: PasswordSource, environment: Mapping[str, str]) -> Signer:  # noqa: ARG001
    return KeystoreSigner(_keystore_path(text), passwords)


def _keystore_path(text: str) -> Path:
    if "/" in text or os.sep in text:
        return Path(text).expanduser()
    return find_account(text)


def _open_variable(name: str, passwords: PasswordSource, environment: Mapping[str, str]) -> Signer:  # noqa: ARG001
    if not _VARIABLE.fullmatch(name):
        raise SignerError("env: is followed by the name of an environment variable, not by its value")
    if name not in environment:
        raise SignerError(f"the environment variable {name}, which the signer names, is not set")
    return KeySigner(parse_key(environment[name], f"the environment variable {name}"))


_OPENERS: dict[str, Callable[[str, PasswordSource, Mapping[str, str]], Signer]] = {
    "keystore": _open_keystore,
    "env": _open_variable,
    "kms": lambda key, _passwords, _environment: KmsSigner(key),
    "rpc": lambda url, _passwords, _environment: open_remote(url),
}
