"""The port to where parameters are kept."""

from typing import Protocol

from .name import ParameterName

MAX_VALUE = 8 * 1024
"""Bytes that Systems Manager keeps at most (an advanced parameter)."""


class Parameters(Protocol):
    """Reads parameters. Implementations are bounded in time and size, and safe to call from several threads."""

    def get(self, name: ParameterName) -> str:
        """Return the decrypted value. Raises SecretError, or StoreError, neither of which shows any of it."""
        ...
