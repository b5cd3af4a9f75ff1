"""Signers that sign another transaction than the requested one, each in one way."""

from collections.abc import Callable, Mapping

import rlp
from eth_account import Account

from dipmp_lib.model.names import checksum_address
from dipmp_lib.secret import Secret
from dipmp_lib.transactions.ecdsa import CURVE_ORDER, Signature
from dipmp_lib.transactions.envelope import decode, envelope_of
from dipmp_lib.transactions.signers import KeySigner

KEY = Secret(bytes.fromhex("4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d"))
HONEST = KeySigner(KEY)
OTHER_KEY = bytes([7]) * 32
ELSEWHERE = checksum_address(bytes.fromhex("ee" * 20))

Transaction = Mapping[str, object]
Cheat = Callable[[Transaction], bytes]

DYNAMIC: Transaction = {
    "type": 2,
    "chainId": 8453,
    "nonce": 7,
    "gas": 180_000,
    "maxFeePerGas": 2_001_000_000,
    "maxPriorityFeePerGas": 1_000_000,
    "to": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "value": 0,
    "data": "0x1234",
}
LEGACY: Transaction = {
    **{name: DYNAMIC[name] for name in ("chainId", "nonce", "gas", "to", "value", "data")},
    "gasPrice": 2_001_000_000,
}
"""Transactions with all their fields, to be signed."""


def sign(transaction: Transaction, key: bytes = KEY.reveal()) -> bytes:
    return bytes(Account.sign_transaction(dict(transaction), key).raw_transaction)


def changed(**changes: object) -> Cheat:
    """Sign with other fields."""
    return lambda transaction: sign({**transaction, **changes})


def raised(name: str) -> Cheat:
    """Sign with a number increased by one."""

    def cheat(transaction: Transaction) -> bytes:
        value = transaction[name]
        assert isinstance(value, int)
        return sign({**transaction, name: value + 1})

    return cheat


def _signature_of(transaction: Transaction) -> Signature:
    return decode(sign(transaction))[1]


def with_high_s(transaction: Transaction) -> bytes:
    """Return the transaction with the signature's other form, which recovers the same address."""
    found = _signature_of(transaction)
    return envelope_of(transaction).signed(Signature(found.r, CURVE_ORDER - found.s, 1 - found.parity))


def with_access_list(transaction: Transaction) -> bytes:
    return sign({**transaction, "accessList": [{"address": ELSEWHERE, "storageKeys": []}]})


def unprotected(transaction: Transaction) -> bytes:
    """Return a legacy transaction without EIP-155, which is valid on every chain."""
    names = ("nonce", "gas", "to", "value", "data")
    price = transaction.get("maxFeePerGas", transaction.get("gasPrice"))
    return sign({**{name: transaction[name] for name in names}, "gasPrice": price})


def as_legacy(transaction: Transaction) -> bytes:
    names = ("nonce", "gas", "to", "value", "data", "chainId")
    return sign({**{name: transaction[name] for name in names}, "gasPrice": transaction["maxFeePerGas"]})


def padded(transaction: Transaction) -> bytes:
    """Return the transaction with a leading zero in a number: equal to a careless decoder, with another hash."""
    raw = sign(transaction)
    *fields, s = rlp.decode(raw[1:])
    return raw[:1] + bytes(rlp.encode([*fields, b"\0" + s]))


CHEATS: dict[str, tuple[Cheat, str]] = {
    "another key": (lambda transaction: sign(transaction, OTHER_KEY), "did not sign with the key of"),
    "another receiver": (changed(to=ELSEWHERE), "changed to"),
    "no receiver": (lambda transaction: sign({k: v for k, v in transaction.items() if k != "to"}), "changed to"),
    "money besides": (changed(value=1), "changed value"),
    "other data": (changed(data="0xdeadbeef"), "changed data"),
    "another nonce": (raised("nonce"), "changed nonce"),
    "more gas": (raised("gas"), "changed gas"),
    "a higher fee": (raised("maxFeePerGas"), "changed maxFeePerGas"),
    "a lower tip": (changed(maxPriorityFeePerGas=0), "changed maxPriorityFeePerGas"),
    "another chain": (changed(chainId=1), "signed for chain 1, not "),
    "every chain": (unprotected, "another type|no transaction of the type"),
    "another type": (as_legacy, "no transaction of the type"),
    "an access list": (with_access_list, "fields that nobody asked for"),
    "a high s": (with_high_s, "a high s"),
    "a padded number": (padded, "not encoded as it has to be"),
    "bytes after it": (lambda transaction: sign(transaction) + b"\0", "no transaction of the type"),
    "cut": (lambda transaction: sign(transaction)[:-1], "no transaction of the type"),
    "nothing": (lambda _: b"", "no transaction of the type"),
    "no list": (lambda _: b"\x02\x80", "no transaction of the type"),
    "a deep list": (lambda _: b"\x02" + b"\xc1" * 200 + b"\xc0", "no transaction|another type"),
    "far too much": (lambda _: b"\x02" + bytes(2**20), "more than the transaction"),
}
"""The cheat, and a pattern of the refusal."""


class EvilSigner:
    """Implements Signer, with a cheat at transactions."""

    def __init__(self, cheat: Cheat) -> None:
        self._cheat = cheat
        self.address = HONEST.address

    def unlock(self) -> None:
        """Do nothing."""

    def sign_transaction(self, transaction: Transaction) -> bytes:
        """Return the cheat's transaction."""
        return self._cheat(transaction)

    def sign_typed_data(self, message: Mapping[str, object]) -> bytes:
        """Sign with another key."""
        return KeySigner(Secret(OTHER_KEY)).sign_typed_data(message)
