"""The signing port, and the signer with a key in memory."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol

from ...errors import SignerError
from ...secret import Secret
from ..ecdsa import CURVE_ORDER, typed_data_digest


class Signer(Protocol):
    """Signs for one address. Its answers are checked (check.py) before they are used."""

    @property
    def address(self) -> bytes:
        """The signing key's address (20 bytes), known before `unlock`. Raises SignerError."""
        ...

    def unlock(self) -> None:
        """Make the key usable, asking for a password where one is needed. Raises SignerError."""
        ...

    def sign_transaction(self, transaction: Mapping[str, object]) -> bytes:
        """Return the signed raw transaction (EIP-2718) of one with all its fields. Raises SignerError."""
        ...

    def sign_typed_data(self, message: Mapping[str, object]) -> bytes:
        """Return r ‖ s ‖ v over typed data, given in the JSON form of EIP-712. Raises SignerError."""
        ...


class KeySigner:
    """Signs with a secp256k1 private key of 32 bytes."""

    def __init__(self, key: Secret) -> None:
        """Take the key. Raises SignerError for an invalid one, without showing it."""
        if len(key.reveal()) != 32 or not 0 < int.from_bytes(key.reveal()) < CURVE_ORDER:
            raise SignerError("the private key is not a secp256k1 key (32 bytes)")
        self._key = key
        self._address = _address_of(key)

    @property
    def address(self) -> bytes:
        """The key's address."""
        return self._address

    def unlock(self) -> None:
        """Do nothing: the key is in memory."""

    def sign_transaction(self, transaction: Mapping[str, object]) -> bytes:
        """Sign with RFC 6979 nonces and low s."""
        from eth_account import Account  # noqa: PLC0415 - heavy

        # The cause is dropped on purpose: its frames hold the key.
        with suppress(TypeError, ValueError):
            return bytes(Account.sign_transaction(dict(transaction), self._key.reveal()).raw_transaction)
        raise SignerError("the transaction has fields that cannot be signed")

    def sign_typed_data(self, message: Mapping[str, object]) -> bytes:
        """Sign with RFC 6979 nonces and low s."""
        from eth_account import Account  # noqa: PLC0415 - heavy

        typed_data_digest(message)  # raises for malformed data before a frame holds the key
        return bytes(Account.sign_typed_data(self._key.reveal(), full_message=dict(message)).signature)


def _address_of(key: Secret) -> bytes:
    from eth_keys.datatypes import PrivateKey  # noqa: PLC0415 - heavy

    return bytes(PrivateKey(key.reveal()).public_key.to_canonical_address())
