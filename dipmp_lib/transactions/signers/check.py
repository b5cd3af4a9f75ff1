"""What a signer returns is believed only after this: the key, every field, the chain, and one form of the signature.

A signer may be another machine, or another program, and what it signs is sent and paid for.
"""

from collections.abc import Mapping

from ...errors import SignerError
from ...model.names import checksum_address
from .ecdsa import Signature, parse_packed
from .envelope import envelope_of

MAX_MORE = 256
"""Bytes that a signed transaction may be longer than the data it carries."""


def check_transaction(raw: bytes, asked: Mapping[str, object], address: bytes) -> None:
    """Return if `raw` is the transaction `asked` for, signed by `address`'s key with a low s (EIP-2).

    `asked` has all fields (`chainId`, `nonce`, `gas`, `to`, `value`, `data` and the fees) and no others. Raises
    SignerError, which names what differs.
    """
    envelope = envelope_of(asked)
    if len(raw) > len(envelope.fields["data"]) + MAX_MORE:
        raise SignerError("the signer returned more than the transaction that was asked for")
    fields, chain_id, signature = envelope.take_apart(raw)
    if chain_id != envelope.chain_id:
        raise SignerError(f"the signer signed for chain {chain_id}, not {envelope.chain_id}")
    for name, meant in envelope.fields.items():
        if fields[name] != meant:
            raise SignerError(f"the signer changed {name}: {_shown(fields[name])}, not {_shown(meant)}")
    _check_signature(signature, envelope.digest, address)
    if raw != envelope.signed(signature):
        raise SignerError("the signer returned a transaction that is not encoded as it has to be (RLP)")


def check_typed_data(signature: bytes, digest: bytes, address: bytes) -> None:
    """Return if these 65 bytes are a signature of `address`'s key over `digest` (EIP-712). Raises SignerError."""
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
