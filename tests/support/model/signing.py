"""Signatures of appendWithSig by eth-account's EIP-712, independent of the contract and of dipmp_lib."""

from typing import Any

from eth_account.messages import encode_typed_data
from eth_keys.datatypes import PrivateKey, Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from tests.support.model.log import hash256

# Half the order of secp256k1: of the two values of s that sign the same, the lower one counts (EIP-2).
HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
ORDER = 2 * HALF_ORDER + 1
_FIELDS = ("address signer", "string name", "uint8 kind", "bytes payload", "bytes32 head", "uint256 deadline")
_DOMAIN_FIELDS = ("string name", "string version", "uint256 chainId", "address verifyingContract")


def _members(fields: tuple[str, ...]) -> list[dict[str, str]]:
    return [dict(zip(("type", "name"), field.split(), strict=True)) for field in fields]


def typed_data(
    chain_id: int,
    registry: bytes,
    signer: bytes,
    name: str,
    kind: int,
    payload: bytes,
    head: bytes,
    deadline: int,
) -> dict[str, Any]:
    """Return the typed data to sign, in the JSON form of EIP-712."""
    message = {"signer": f"0x{signer.hex()}", "name": name, "kind": kind, "payload": payload}
    return {
        "types": {"EIP712Domain": _members(_DOMAIN_FIELDS), "Append": _members(_FIELDS)},
        "primaryType": "Append",
        "domain": {
            "name": "dipmp",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": f"0x{registry.hex()}",
        },
        "message": message | {"head": head, "deadline": deadline},
    }


def append_digest(
    chain_id: int,
    registry: bytes,
    signer: bytes,
    name: str,
    kind: int,
    payload: bytes,
    head: bytes,
    deadline: int,
) -> bytes:
    """Return the 32-byte digest to sign."""
    signable = encode_typed_data(
        full_message=typed_data(chain_id, registry, signer, name, kind, payload, head, deadline)
    )
    return hash256(b"\x19" + signable.version + signable.header + signable.body)


def sign(key: bytes, digest: bytes) -> bytes:
    """Sign with a private key: r ‖ s ‖ v with the lower s, v 27 or 28."""
    raw = PrivateKey(key).sign_msg_hash(digest).to_bytes()
    return raw[:64] + bytes([raw[64] + 27])


def address_of(key: bytes) -> bytes:
    """Return the address of a private key."""
    return PrivateKey(key).public_key.to_canonical_address()


def recover(digest: bytes, signature: bytes) -> bytes | None:
    """Return the signer's address, None for a wrong length, a v other than 27 and 28, and a high or invalid s."""
    if len(signature) != 65 or signature[64] not in (27, 28) or int.from_bytes(signature[32:64], "big") > HALF_ORDER:
        return None
    try:
        found = Signature(signature[:64] + bytes([signature[64] - 27]))
        return found.recover_public_key_from_msg_hash(digest).to_canonical_address()
    except (BadSignature, ValidationError):
        return None
