"""ECDSA signatures over secp256k1 in Ethereum's forms, and the digest of typed data.

Sources: SEC 1 section 4.1, EIP-2 (low s), FIPS 186-5 (DER), EIP-712 (typed data).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import SignerError
from ..keccak import keccak256

FIELD = 2**256 - 2**32 - 977
CURVE_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
HALF_ORDER = CURVE_ORDER // 2


@dataclass(frozen=True, slots=True)
class Signature:
    """The numbers r and s, and the parity (0 or 1) of the point that r stands for."""

    r: int
    s: int
    parity: int

    @property
    def is_low(self) -> bool:
        """Whether r, s and the parity are in range, and s is the lower of its two possible values (EIP-2)."""
        return 0 < self.r < CURVE_ORDER and 0 < self.s <= HALF_ORDER and self.parity in (0, 1)

    def signer_of(self, digest: bytes) -> bytes | None:
        """Return the address whose key signed these 32 bytes, None where no key can have."""
        from eth_keys.datatypes import Signature as Recoverable  # noqa: PLC0415 - heavy
        from eth_keys.exceptions import BadSignature  # noqa: PLC0415
        from eth_utils.exceptions import ValidationError  # noqa: PLC0415

        try:
            found = Recoverable(vrs=(self.parity, self.r, self.s)).recover_public_key_from_msg_hash(digest)
        except (BadSignature, ValidationError):
            return None
        return bytes(found.to_canonical_address())

    def packed(self) -> bytes:
        """Return r ‖ s ‖ v, 65 bytes with v 27 or 28, as contracts take them."""
        return self.r.to_bytes(32) + self.s.to_bytes(32) + bytes((27 + self.parity,))


def parse_packed(signature: bytes) -> Signature:
    """Parse r ‖ s ‖ v. Raises SignerError for another length, and for a v other than 27 and 28."""
    if len(signature) != 65 or signature[64] not in (27, 28):
        raise SignerError("a signature is not the 65 bytes r, s and v, with v 27 or 28")
    return Signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:64]), signature[64] - 27)


def low(r: int, s: int) -> tuple[int, int]:
    """Return r and the lower one of s and its counterpart."""
    return r, min(s, CURVE_ORDER - s)


def parse_der(data: bytes) -> tuple[int, int]:
    """Return r and s of a DER SEQUENCE of two positive INTEGERs. Raises SignerError."""
    if len(data) < 2 or data[0] != 0x30 or data[1] != len(data) - 2:
        raise SignerError("a signature is not in DER")
    r, rest = _integer(data[2:])
    s, rest = _integer(rest)
    if rest:
        raise SignerError("a signature is not in DER")
    return r, s


def _integer(data: bytes) -> tuple[int, bytes]:
    """Parse a shortest encoding: no leading zero but the one that keeps the number positive."""
    length = data[1] if len(data) > 2 and data[0] == 0x02 else 0
    content = data[2 : 2 + length]
    padded = len(content) > 1 and content[0] == 0 and content[1] < 0x80
    if not 0 < length <= 33 or len(content) != length or content[0] >= 0x80 or padded:
        raise SignerError("a signature is not in DER")
    return int.from_bytes(content), data[2 + length :]


def typed_data_digest(message: Mapping[str, object]) -> bytes:
    """Return the 32 bytes to sign for typed data in its JSON form. Raises SignerError for malformed data."""
    from eth_account.messages import encode_typed_data  # noqa: PLC0415 - heavy
    from eth_utils.exceptions import ValidationError  # noqa: PLC0415

    try:
        signable = encode_typed_data(full_message=dict(message))
    except (ValueError, TypeError, KeyError, ValidationError) as error:
        raise SignerError(f"the typed data cannot be signed ({type(error).__name__})") from None
    return keccak256(b"\x19" + signable.version + signable.header + signable.body)
