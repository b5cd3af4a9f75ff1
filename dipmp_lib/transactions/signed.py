"""Signed transactions: read from their bytes, and made by a signer whose answer is checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ..keccak import keccak256
from ..model.names import checksum_address
from .envelope import LEGACY, Envelope, decode
from .fees import Fees
from .signers import Signer, check_transaction

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed raw transaction (EIP-2718, or legacy with EIP-155), its content, and the address that signed it."""

    raw: bytes
    sender: bytes
    envelope: Envelope

    @classmethod
    def from_raw(cls, raw: bytes) -> Self:
        """Read a signed transaction that calls a contract or an account. Raises ValueError for any other bytes."""
        envelope, signature = decode(raw)
        sender = signature.signer_of(envelope.digest)
        if sender is None:
            raise ValueError("a signature of no key")
        if not envelope.fields["to"]:
            raise ValueError("a transaction that calls nothing")
        return cls(raw, sender, envelope)

    @property
    def identity(self) -> bytes:
        """The transaction's hash."""
        return keccak256(self.raw)

    @property
    def nonce(self) -> int:
        """The sender's nonce."""
        return self.envelope.number("nonce")

    @property
    def gas(self) -> int:
        """The gas limit."""
        return self.envelope.number("gas")

    @property
    def fees(self) -> Fees:
        """The fees that it offers."""
        number = self.envelope.number
        if self.envelope.type == LEGACY:
            return Fees(number("gasPrice"), None)
        return Fees(number("maxFeePerGas"), number("maxPriorityFeePerGas"))

    @property
    def call(self) -> Fields:
        """The same as an unpriced call, to be simulated."""
        return {"from": checksum_address(self.sender), **self._core}

    @property
    def _core(self) -> Fields:
        fields = self.envelope.fields
        to, data = checksum_address(fields["to"]), f"0x{fields['data'].hex()}"
        return {"to": to, "value": self.envelope.number("value"), "data": data}

    def with_fees(self, fees: Fees) -> Fields:
        """Return the unsigned transaction that replaces this one: the same nonce and call, other fees."""
        same = {"nonce": self.nonce, "gas": self.gas, "chainId": self.envelope.chain_id}
        return {**self._core, **same, **fees.fields}


def sign(signer: Signer, transaction: Mapping[str, Any]) -> Signed:
    """Sign a transaction, and check the signer's answer. Raises SignerError."""
    raw = signer.sign_transaction(transaction)
    check_transaction(raw, transaction, signer.address)
    return Signed.from_raw(raw)
