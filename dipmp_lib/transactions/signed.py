"""Signed transactions as bytes: taken apart, and made by a signer that is not taken at its word."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import rlp
from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from hexbytes import HexBytes

from ..keccak import keccak256
from ..model.names import checksum_address
from .fees import Fees
from .signers import Signer, check_transaction

_LEGACY = ("nonce", "gasPrice", "gas", "to", "value", "data", "v", "r", "s")
_EIP_155_BASE = 35
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed raw transaction (EIP-2718, or legacy with EIP-155) and what is in it, the sender included."""

    raw: bytes
    sender: bytes
    fields: Fields

    @property
    def identity(self) -> bytes:
        """The transaction's hash."""
        return keccak256(self.raw)

    @property
    def nonce(self) -> int:
        """The sender's nonce."""
        return int(self.fields["nonce"])

    @property
    def gas(self) -> int:
        """The gas limit."""
        return int(self.fields["gas"])

    @property
    def fees(self) -> Fees:
        """What it offers."""
        if "gasPrice" in self.fields:
            return Fees(int(self.fields["gasPrice"]), None)
        return Fees(int(self.fields["maxFeePerGas"]), int(self.fields["maxPriorityFeePerGas"]))

    @property
    def call(self) -> Fields:
        """The same as an unpriced call, to be simulated."""
        return {"from": checksum_address(self.sender), **self._core}

    @property
    def _core(self) -> Fields:
        """Whom it calls with what, as a transaction is described."""
        to, data = checksum_address(self.fields["to"]), f"0x{self.fields['data'].hex()}"
        return {"to": to, "value": self.fields["value"], "data": data}

    def with_fees(self, fees: Fees) -> Fields:
        """Return the unsigned transaction that replaces this one: the same nonce and call, other fees."""
        kept = {name: self.fields[name] for name in ("nonce", "gas", "chainId")}
        return {**self._core, **kept, **fees.fields}


def take_apart(raw: bytes) -> Signed:
    """Read a signed transaction. Raises ValueError for bytes that are none."""
    try:
        fields = _typed(raw) if raw[:1] == b"\x02" else _legacy(raw)
        sender = bytes.fromhex(Account.recover_transaction(raw)[2:])
    except Exception:  # noqa: BLE001 - the codecs raise what they like
        raise ValueError("not a signed transaction") from None
    return Signed(raw, sender, fields)


def sign(signer: Signer, transaction: Mapping[str, Any]) -> Signed:
    """Have a transaction signed, and check that it is that one. Raises SignerError before anything is sent."""
    raw = signer.sign_transaction(transaction)
    check_transaction(raw, transaction, signer.address)
    return take_apart(raw)


def _typed(raw: bytes) -> Fields:
    found = dict(TypedTransaction.from_bytes(HexBytes(raw)).as_dict())
    if found.pop("accessList", ()):
        raise ValueError("an access list")
    names = ("chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gas", "value")
    fields: Fields = {name: int(found[name]) for name in names}
    return {**fields, "to": bytes(found["to"]), "data": bytes(found["data"])}


def _legacy(raw: bytes) -> Fields:
    items = dict(zip(_LEGACY, rlp.decode(raw), strict=True))
    numbers = {name: int.from_bytes(items[name]) for name in _LEGACY if name not in {"to", "data"}}
    fields: Fields = {name: numbers[name] for name in ("nonce", "gasPrice", "gas", "value")}
    chain_id = (numbers["v"] - _EIP_155_BASE) // 2
    return {**fields, "to": items["to"], "data": items["data"], "chainId": chain_id}
