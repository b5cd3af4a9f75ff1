"""Checks of a signer's answers: the key, every field, the chain, and the one form of the signature.

A signer may be another machine or program, so nothing that it returns is used before these checks.
"""

from collections.abc import Mapping

from ...errors import SignerError
from ...model.names import checksum_address
from ..ecdsa import Signature, parse_packed
from ..envelope import decode, envelope_of, type_of

MAX_MORE = 256
"""Most bytes of a signed transaction without its call data."""


def check_transaction(raw: bytes, asked: Mapping[str, object], address: bytes) -> None:
    """Check that `raw` is the transaction `asked` for, signed by `address`'s key with a low s (EIP-2).

    `asked` has all fields (`chainId`, `nonce`, `gas`, `to`, `value`, `data` and the fees) and no others. Raises
    SignerError, which names the difference.
    """
    envelope = envelope_of(asked)
    if len(raw) > len(envelope.fields["data"]) + MAX_MORE:
        raise SignerError("the signer returned more than the transaction that was asked for")
    if type_of(raw) != envelope.type:
        raise SignerError("the signer returned no transaction of the type that was asked for")
    try:
        found, signature = decode(raw)
    except ValueError as error:
        raise SignerError(f"the signer returned {error}") from None
    if found.chain_id != envelope.chain_id:
        raise SignerError(f"the signer signed for chain {found.chain_id}, not {envelope.chain_id}")
    for name, meant in envelope.fields.items():
        if found.fields[name] != meant:
            raise SignerError(f"the signer changed {name}: {_shown(found.fields[name])}, not {_shown(meant)}")
    _check_signature(signature, envelope.digest, address)


def check_typed_data(signature: bytes, digest: bytes, address: bytes) -> None:
    """Check that these 65 bytes are a signature of `address`'s key over `digest` (EIP-712). Raises SignerError."""
    _check_signature(parse_packed(signature), digest, address)


def _check_signature(signature: Signature, digest: bytes, address: bytes) -> None:
    if not signature.is_low:
        raise SignerError("the signer returned a signature that nodes and contracts refuse (a high s, EIP-2)")
    found = signature.signer_of(digest)
    if found != address:
        other = "nobody" if found is None else checksum_address(found)
        raise SignerError(f"the signer did not sign with the key of {checksum_address(address)}, but of {other}")


def _shown(item: bytes) -> str:
    return f"0x{item[:20].hex()}{'…' if len(item) > 20 else ''}"
