"""Secret values, which are never shown, and private files, which only their owner may read."""

import os
import re
import stat
from pathlib import Path
from typing import NoReturn

from .errors import SignerError

_MAX_FILE = 65_536
_KEY = re.compile(r"(?:0x)?([0-9a-fA-F]{64})")


class Secret:
    """Secret bytes; any text of it is `***`, and it cannot be pickled or copied."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """Return the secret itself. Callers keep it in no attribute, message or log."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not serialised")


def parse_key(text: str, where: str) -> Secret:
    """Parse a private key in hexadecimal; `where` names its source in the SignerError, which does not show it."""
    match = _KEY.fullmatch(text.strip())
    if match is None:
        raise SignerError(f"{where} does not hold a private key (64 hexadecimal digits)")
    return Secret(bytes.fromhex(match[1]))


def read_private_file(path: Path, what: str) -> Secret:
    """Read a regular file of at most 64 KiB that only its owner may read; `what` names it in messages.

    Raises SignerError.
    """
    try:
        with path.open("rb") as stream:
            info = os.fstat(stream.fileno())
            _check_private(path, what, info.st_mode)
            data = stream.read(_MAX_FILE + 1)
    except OSError as error:
        raise SignerError(f"the {what} {path} cannot be read: {error.strerror}") from None
    if len(data) > _MAX_FILE:
        raise SignerError(f"the {what} {path} is larger than {_MAX_FILE} bytes")
    return Secret(data)


def _check_private(path: Path, what: str, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise SignerError(f"the {what} {path} is not a regular file")
    if os.name == "posix" and mode & 0o077:
        raise SignerError(
            f"the {what} {path} can be read or written by other users (mode {stat.S_IMODE(mode):04o})",
            hint=f"chmod 600 {path}",
        )
