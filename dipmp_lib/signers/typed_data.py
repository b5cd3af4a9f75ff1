"""Digests of typed data (EIP-712), for signers that sign 32 bytes and for checking those that sign more."""

from collections.abc import Mapping

from ..errors import SignerError
from ..keccak import keccak256


def typed_data_digest(message: Mapping[str, object]) -> bytes:
    """Return the 32 bytes that are signed for typed data in its JSON form. Raises SignerError for none."""
    from eth_account.messages import encode_typed_data  # noqa: PLC0415 - heavy
    from eth_utils.exceptions import ValidationError  # noqa: PLC0415

    try:
        signable = encode_typed_data(full_message=dict(message))
    except (ValueError, TypeError, KeyError, ValidationError) as error:
        raise SignerError(f"the typed data cannot be signed ({type(error).__name__})") from None
    return keccak256(b"\x19" + signable.version + signable.header + signable.body)
