"""Transactions as bytes: EIP-1559 (EIP-2718 type 2), and legacy ones that are bound to a chain (EIP-155)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import SignerError
from ...keccak import keccak256
from .ecdsa import Signature

_DYNAMIC = ("chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gas", "to", "value", "data")
_LEGACY = ("nonce", "gasPrice", "gas", "to", "value", "data")
_DYNAMIC_PREFIX = b"\x02"
_PROTECTED = 35


@dataclass(frozen=True, slots=True)
class Envelope:
    """An unsigned transaction: its fields by name, in order and as RLP strings, of one type and for one chain."""

    prefix: bytes
    fields: Mapping[str, bytes]
    chain_id: int

    @property
    def digest(self) -> bytes:
        """The 32 bytes that are signed."""
        tail = () if self.prefix else (_number(self.chain_id), b"", b"")
        return keccak256(self._encode(*tail))

    def signed(self, signature: Signature) -> bytes:
        """Return the raw transaction with a signature."""
        v = signature.parity if self.prefix else _PROTECTED + 2 * self.chain_id + signature.parity
        return self._encode(_number(v), _number(signature.r), _number(signature.s))

    def take_apart(self, raw: bytes) -> tuple[dict[str, bytes], int, Signature]:
        """Return fields, chain id and signature of a signed transaction of the same type. Raises SignerError."""
        items = _decode(raw.removeprefix(self.prefix) if raw.startswith(self.prefix) else b"")
        access_list: list[object] = [[]] if self.prefix else []
        rest = items[len(self.fields) :]
        strings = [*items[: len(self.fields)], *rest[len(access_list) :]]
        if len(rest) != len(access_list) + 3 or rest[:-3] != access_list or not all(map(_is_string, strings)):
            raise SignerError("the signer returned a transaction of another type, or with fields that nobody asked for")
        v, r, s = (int.from_bytes(item) for item in rest[-3:])
        fields = dict(zip(self.fields, items, strict=False))
        if self.prefix:
            return fields, int.from_bytes(fields["chainId"]), Signature(r, s, v)
        if v < _PROTECTED:
            raise SignerError("the signer returned a transaction that holds on every chain, not on one (EIP-155)")
        return fields, (v - _PROTECTED) // 2, Signature(r, s, (v - _PROTECTED) % 2)

    def _encode(self, *tail: bytes) -> bytes:
        import rlp  # noqa: PLC0415 - heavy

        access_list: tuple[list[bytes], ...] = ([],) if self.prefix else ()
        return self.prefix + bytes(rlp.encode([*self.fields.values(), *access_list, *tail]))


def envelope_of(transaction: Mapping[str, object]) -> Envelope:
    """Return the envelope of a transaction with all its fields. Raises SignerError for one that lacks some."""
    dynamic = "maxFeePerGas" in transaction
    names = _DYNAMIC if dynamic else _LEGACY
    known = {*names, "chainId", "type"}
    if not {*names, "chainId"} <= set(transaction) <= known or transaction.get("type", 2 * dynamic) != 2 * dynamic:
        raise SignerError("the transaction has fields that cannot be signed")
    chain_id = transaction["chainId"]
    if not isinstance(chain_id, int) or chain_id <= 0:
        raise SignerError("the transaction names no chain, so it cannot be signed")
    fields = {name: _item(name, transaction[name]) for name in names}
    return Envelope(_DYNAMIC_PREFIX if dynamic else b"", fields, chain_id)


def _item(name: str, value: object) -> bytes:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**256:
        return _number(value)
    try:
        text = value.removeprefix("0x") if isinstance(value, str) else None
        data = value if isinstance(value, bytes) else bytes.fromhex(text or "") if text is not None else None
    except ValueError:
        data = None
    if data is None or name not in ("to", "data") or (name == "to" and len(data) != 20):
        raise SignerError("the transaction has fields that cannot be signed")
    return data


def _number(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8)


def _is_string(item: object) -> bool:
    return isinstance(item, bytes)


def _decode(body: bytes) -> list[Any]:
    import rlp  # noqa: PLC0415 - heavy
    from rlp.exceptions import DecodingError  # noqa: PLC0415

    try:
        items = rlp.decode(body)
    except (DecodingError, RecursionError):
        items = None
    if not isinstance(items, list):
        raise SignerError("the signer returned no transaction of the type that was asked for")
    return items
