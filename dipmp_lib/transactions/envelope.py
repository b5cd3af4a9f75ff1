"""Codec of transactions: EIP-1559 (EIP-2718 type 2), and legacy ones that are bound to a chain (type 0, EIP-155).

The decoder is strict: a signed transaction has one encoding here, so two byte strings never mean the same one. It
takes a subset of the transactions that eth_account recovers a sender of, and finds the same fields and sender in
them. Refused on purpose: the types 1, 3 and 4, access lists, legacy transactions for every chain, chain 0, a high s
(EIP-2), numbers of more than 256 bits, and any RLP that is not the shortest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import SignerError
from ..keccak import keccak256
from .ecdsa import Signature

LEGACY, DYNAMIC_FEE = 0, 2
"""Transaction types (EIP-2718)."""

_FIELDS = {
    LEGACY: ("nonce", "gasPrice", "gas", "to", "value", "data"),
    DYNAMIC_FEE: ("chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gas", "to", "value", "data"),
}
_BYTES = ("to", "data")
_FIRST_LIST = 0xC0
_PROTECTED = 35
_NUMBER_BYTES = 32
_NO_TRANSACTION = "no transaction of the type that its first byte names"
_ADDED = "a transaction of another type, or with fields that nobody asked for"


@dataclass(frozen=True, slots=True)
class Envelope:
    """An unsigned transaction: its fields by name, in order and as RLP strings, of one type and for one chain."""

    type: int
    fields: Mapping[str, bytes]
    chain_id: int

    @property
    def digest(self) -> bytes:
        """The 32 bytes that are signed."""
        tail = () if self.type else (_number(self.chain_id), b"", b"")
        return keccak256(self._encode(*tail))

    def number(self, name: str) -> int:
        """Return the value of a field that is a number."""
        return int.from_bytes(self.fields[name])

    def signed(self, signature: Signature) -> bytes:
        """Return the raw transaction with a signature."""
        v = signature.parity if self.type else _PROTECTED + 2 * self.chain_id + signature.parity
        return self._encode(_number(v), _number(signature.r), _number(signature.s))

    def _encode(self, *tail: bytes) -> bytes:
        import rlp  # noqa: PLC0415 - heavy

        access_list: tuple[list[bytes], ...] = ([],) if self.type else ()
        prefix = bytes((self.type,)) if self.type else b""
        return prefix + bytes(rlp.encode([*self.fields.values(), *access_list, *tail]))


def envelope_of(transaction: Mapping[str, object]) -> Envelope:
    """Return the envelope of a transaction with all its fields, as JSON-RPC names them.

    Numbers are integers; `to` and `data` are bytes or 0x-hex. Raises SignerError for one that lacks fields or has more.
    """
    kind = DYNAMIC_FEE if "maxFeePerGas" in transaction else LEGACY
    names = _FIELDS[kind]
    known = {*names, "chainId", "type"}
    if not {*names, "chainId"} <= set(transaction) <= known or transaction.get("type", kind) != kind:
        raise SignerError("the transaction has fields that cannot be signed")
    chain_id = transaction["chainId"]
    if not isinstance(chain_id, int) or chain_id <= 0:
        raise SignerError("the transaction names no chain, so it cannot be signed")
    return Envelope(kind, {name: _item(name, transaction[name]) for name in names}, chain_id)


def type_of(raw: bytes) -> int | None:
    """Return the type that a raw transaction's first byte names (EIP-2718), None where it names none."""
    if not raw or 0x80 <= raw[0] < _FIRST_LIST:
        return None
    return LEGACY if raw[0] >= _FIRST_LIST else raw[0] or None


def decode(raw: bytes) -> tuple[Envelope, Signature]:
    """Return a signed transaction and its signature, whose s is low; the signer is not looked for.

    Total. Raises ValueError, whose text continues "the signer returned", for everything but the one encoding of a
    transaction of type 0 or 2 that is bound to a chain. `to` is empty in a transaction that creates a contract.
    """
    kind = type_of(raw)
    if kind not in _FIELDS:
        raise ValueError("no transaction of the types 0 and 2")
    names = _FIELDS[kind]
    items = _list_of(raw[1:] if kind else raw)
    content, rest = items[: len(names)], items[len(names) :]
    if kind:
        if rest[:1] != [[]]:
            raise ValueError(_ADDED)
        rest = rest[1:]
    if len(rest) != 3 or not all(isinstance(item, bytes) for item in (*content, *rest)):
        raise ValueError(_ADDED)
    fields = dict(zip(names, content, strict=True))
    envelope, signature = _read(kind, fields, *(int.from_bytes(item) for item in rest))
    _check_form(fields)
    if envelope.signed(signature) != raw:
        raise ValueError("a transaction that is not encoded as it has to be (RLP)")
    if not signature.is_low:
        raise ValueError("a signature that nodes and contracts refuse (a high s, EIP-2)")
    return envelope, signature


def _read(kind: int, fields: dict[str, bytes], v: int, r: int, s: int) -> tuple[Envelope, Signature]:
    if kind:
        chain_id, parity = int.from_bytes(fields["chainId"]), v
    else:
        chain_id, parity = divmod(v - _PROTECTED, 2)
    if chain_id <= 0:
        raise ValueError("a transaction that holds on every chain, not on one (EIP-155)")
    return Envelope(kind, fields, chain_id), Signature(r, s, parity)


def _check_form(fields: Mapping[str, bytes]) -> None:
    numbers = [item for name, item in fields.items() if name not in _BYTES]
    if any(len(item) > _NUMBER_BYTES or item[:1] == b"\0" for item in numbers) or len(fields["to"]) not in (0, 20):
        raise ValueError("a transaction that is not encoded as it has to be (RLP)")


def _list_of(body: bytes) -> list[Any]:
    import rlp  # noqa: PLC0415 - heavy
    from rlp.exceptions import DecodingError  # noqa: PLC0415

    try:
        items = rlp.decode(body)
    except (DecodingError, RecursionError):
        items = None
    if not isinstance(items, list):
        raise ValueError(_NO_TRANSACTION)  # noqa: TRY004 - the bytes are wrong, not the argument
    return items


def _item(name: str, value: object) -> bytes:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**256:
        return _number(value)
    try:
        text = value.removeprefix("0x") if isinstance(value, str) else None
        data = value if isinstance(value, bytes) else bytes.fromhex(text or "") if text is not None else None
    except ValueError:
        data = None
    if data is None or name not in _BYTES or (name == "to" and len(data) != 20):
        raise SignerError("the transaction has fields that cannot be signed")
    return data


def _number(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8)
