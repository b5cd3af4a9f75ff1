"""The codec of transactions: one encoding for each, fields and sender as eth_account has them, total on any bytes."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest
import rlp
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from dipmp_lib.errors import SignerError
from dipmp_lib.model.names import checksum_address
from dipmp_lib.transactions.ecdsa import CURVE_ORDER, HALF_ORDER, Signature
from dipmp_lib.transactions.envelope import DYNAMIC_FEE, Envelope, decode, envelope_of, type_of
from dipmp_lib.transactions.envelope import LEGACY as LEGACY_TYPE
from dipmp_lib.transactions.signers import check_transaction
from tests.support.exploring import examples
from tests.support.faulty.evil_signers import CHEATS, DYNAMIC, HONEST, LEGACY, sign

pytestmark = pytest.mark.slow

NUMBERS = st.integers(0, 2**256 - 1)
ADDRESSES = st.binary(min_size=20, max_size=20)
SIGNATURES = st.builds(Signature, st.integers(1, CURVE_ORDER - 1), st.integers(1, HALF_ORDER), st.integers(0, 1))
CHAINS = st.integers(1, 2**64)


@st.composite
def transactions(draw: st.DrawFn) -> dict[str, object]:
    """Unsigned transactions of both types."""
    names = draw(st.sampled_from([("gasPrice",), ("maxFeePerGas", "maxPriorityFeePerGas")]))
    numbers = {name: draw(NUMBERS) for name in ("nonce", "gas", "value", *names)}
    return {**numbers, "chainId": draw(CHAINS), "to": draw(ADDRESSES), "data": draw(st.binary(max_size=200))}


@st.composite
def signed_by_eth_account(draw: st.DrawFn) -> bytes:
    """Transactions as wallets sign them."""
    transaction: dict[str, Any] = {
        "nonce": draw(st.integers(0, 2**63)),
        "gas": draw(st.integers(0, 2**63)),
        "value": draw(st.integers(0, 2**128)),
        "chainId": draw(CHAINS),
        "to": draw(ADDRESSES),
        "data": draw(st.binary(max_size=200)),
    }
    price = draw(st.integers(0, 2**100))
    legacy = {"gasPrice": price}
    dynamic = {"type": 2, "maxFeePerGas": price, "maxPriorityFeePerGas": draw(st.integers(0, price))}
    return sign({**transaction, **draw(st.sampled_from([legacy, dynamic]))})


def meaning(raw: bytes) -> tuple[int, int, Mapping[str, bytes], bytes | None]:
    """Everything that a chain would go by."""
    envelope, signature = decode(raw)
    return envelope.type, envelope.chain_id, dict(envelope.fields), signature.signer_of(envelope.digest)


@given(transactions(), SIGNATURES)
def test_a_transaction_is_read_as_it_was_written(transaction: dict[str, object], signature: Signature) -> None:
    envelope = envelope_of(transaction)
    raw = envelope.signed(signature)
    assert decode(raw) == (envelope, signature)
    assert type_of(raw) == envelope.type
    assert {name: envelope.number(name) for name in ("nonce", "gas", "value")}.items() <= transaction.items()


@settings(max_examples=examples(25))  # elliptic curves in Python
@given(signed_by_eth_account())
def test_it_finds_the_sender_that_eth_account_finds(raw: bytes) -> None:
    envelope, signature = decode(raw)
    assert envelope.signed(signature) == raw
    sender = signature.signer_of(envelope.digest)
    assert sender is not None
    assert checksum_address(sender) == Account.recover_transaction(raw)


@settings(max_examples=examples(25))
@given(st.integers(1, 2**64), st.integers(0, 2**63), st.integers(0, 2**40), st.binary(max_size=600), st.booleans())
def test_envelopes_are_those_of_eth_account(chain_id: int, nonce: int, fee: int, data: bytes, legacy: bool) -> None:
    asked = {
        **(LEGACY if legacy else DYNAMIC),
        "chainId": chain_id,
        "nonce": nonce,
        "data": f"0x{data.hex()}",
    }
    asked["gasPrice" if legacy else "maxFeePerGas"] = fee + 10**9
    raw = sign(asked)
    check_transaction(raw, asked, HONEST.address)
    assert Account.recover_transaction(raw) == checksum_address(HONEST.address)


@settings(max_examples=examples(50))
@given(signed_by_eth_account(), st.data())
def test_a_mutant_is_refused_or_means_something_else(raw: bytes, data: st.DataObject) -> None:
    """A transaction has no second form: whatever still passes has other fields or another sender."""
    mutant = bytearray(raw)
    place = data.draw(st.integers(0, len(raw) - 1))
    match data.draw(st.sampled_from(["change", "insert", "remove", "append"])):
        case "change":
            mutant[place] ^= data.draw(st.integers(1, 255))
        case "insert":
            mutant.insert(place, data.draw(st.integers(0, 255)))
        case "remove":
            del mutant[place]
        case _:
            mutant += data.draw(st.binary(min_size=1, max_size=4))
    with suppress(ValueError):
        envelope, signature = decode(bytes(mutant))
        assert envelope.signed(signature) == mutant
        assert bytes(mutant) == raw or meaning(bytes(mutant)) != meaning(raw)


@given(transactions(), SIGNATURES, st.data())
def test_padded_numbers_are_refused(transaction: dict[str, object], signature: Signature, data: st.DataObject) -> None:
    """Careless decoders read the same transaction from it, under another hash."""
    raw = envelope_of(transaction).signed(signature)
    prefix, items = (b"", rlp.decode(raw)) if raw[0] >= 0xC0 else (raw[:1], rlp.decode(raw[1:]))
    place = data.draw(st.sampled_from([n for n, item in enumerate(items) if isinstance(item, bytes)]))
    items[place] = b"\0" + items[place]
    padded = prefix + bytes(rlp.encode(items))
    with suppress(ValueError):
        envelope, _ = decode(padded)
        assert envelope.fields["data"] == b"\0" + envelope_of(transaction).fields["data"], "only data may begin with 0"


@given(st.binary(max_size=300), st.sampled_from([b"", b"\x02", b"\x02\xf8", b"\x02\xc0", b"\xf8", b"\xf9\xff\xff"]))
def test_it_is_total(body: bytes, prefix: bytes) -> None:
    with suppress(ValueError):
        envelope, signature = decode(prefix + body)
        assert envelope.signed(signature) == prefix + body


ITEMS = st.recursive(st.binary(max_size=40), lambda inner: st.lists(inner, max_size=14), max_leaves=30)


@pytest.mark.slow
@given(st.lists(ITEMS, max_size=14), st.sampled_from([b"", b"\x01", b"\x02", b"\x03", b"\x04"]))
def test_it_is_total_on_any_rlp(items: list[object], prefix: bytes) -> None:
    raw = prefix + bytes(rlp.encode(items))
    with suppress(ValueError):
        envelope, signature = decode(raw)
        assert envelope.signed(signature) == raw


@pytest.mark.parametrize(
    "raw",
    [b"\x02" + b"\xbf" + b"\xff" * 8, b"\xff" + b"\xff" * 8, b"\x02\xb8", b"\x02\x81", b"\x02" + b"\xf9" * 5000],
    ids=["a huge string", "a huge list", "no length", "no byte", "many lists"],
)
def test_lengths_that_lie_are_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="no transaction"):
        decode(raw)


def test_lists_as_deep_as_they_can_be_are_refused() -> None:
    deep = b"\xc0"
    for _ in range(5_000):
        deep = bytes(rlp.codec.length_prefix(len(deep), 0xC0)) + deep
    with pytest.raises(ValueError, match="transaction"):
        decode(b"\x02" + deep)


def test_a_high_s_is_refused_though_eth_account_takes_it() -> None:
    raw = CHEATS["a high s"][0](DYNAMIC)
    assert Account.recover_transaction(raw) == checksum_address(HONEST.address)
    with pytest.raises(ValueError, match="a high s"):
        decode(raw)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"type": 1, "accessList": [], "gasPrice": 1}, "types 0 and 2"),
        ({"accessList": [{"address": checksum_address(bytes(20)), "storageKeys": []}]}, "nobody asked for"),
        ({"chainId": 0}, "holds on every chain"),
    ],
    ids=["EIP-2930", "an access list", "chain 0"],
)
def test_differences_to_eth_account(changes: dict[str, object], sentence: str) -> None:
    """The whole list, with the high s above and the legacy transaction below; all of them are refused."""
    asked = {**DYNAMIC, **changes}
    if asked["type"] == 1:
        del asked["maxFeePerGas"], asked["maxPriorityFeePerGas"]
    raw = sign(asked)
    assert Account.recover_transaction(raw) == checksum_address(HONEST.address)
    with pytest.raises(ValueError, match=sentence):
        decode(raw)


def test_a_legacy_transaction_for_every_chain_is_refused() -> None:
    raw = sign({name: value for name, value in LEGACY.items() if name != "chainId"})
    assert Account.recover_transaction(raw) == checksum_address(HONEST.address)
    with pytest.raises(ValueError, match="holds on every chain"):
        decode(raw)


def test_a_creation_is_read_with_an_empty_receiver() -> None:
    envelope, _ = decode(sign({name: value for name, value in DYNAMIC.items() if name != "to"}))
    assert envelope.fields["to"] == b""


@pytest.mark.parametrize("size", [1, 19, 21, 32])
def test_a_receiver_of_another_length_is_refused(size: int) -> None:
    made = envelope_of(DYNAMIC)
    raw = Envelope(DYNAMIC_FEE, {**made.fields, "to": bytes(size)}, made.chain_id).signed(Signature(1, 1, 0))
    with pytest.raises(ValueError, match="not encoded as it has to be"):
        decode(raw)


def test_a_number_of_more_than_256_bits_is_refused() -> None:
    made = envelope_of(LEGACY)
    raw = Envelope(LEGACY_TYPE, {**made.fields, "value": b"\1" + bytes(32)}, made.chain_id).signed(Signature(1, 1, 0))
    with pytest.raises(ValueError, match="not encoded as it has to be"):
        decode(raw)


@pytest.mark.parametrize(
    ("raw", "found"),
    [(b"", None), (b"\0", None), (b"\x01", 1), (b"\x02\xc0", 2), (b"\x7f", 127), (b"\x80", None), (b"\xbf", None)],
)
def test_the_first_byte_names_the_type(raw: bytes, found: int | None) -> None:
    assert type_of(raw) == found
    assert type_of(b"\xc0") == type_of(b"\xff") == LEGACY_TYPE


@pytest.mark.parametrize(
    "change",
    [
        {"to": None},
        {"to": "0x12"},
        {"nonce": "7"},
        {"nonce": -1},
        {"value": 2**256},
        {"data": "0xzz"},
        {"chainId": 0},
        {"type": 1},
        {"accessList": []},
        {"gasPrice": 1},
    ],
)
def test_odd_transactions_are_not_signed(change: dict[str, object]) -> None:
    with pytest.raises(SignerError):
        envelope_of({**DYNAMIC, **change})
