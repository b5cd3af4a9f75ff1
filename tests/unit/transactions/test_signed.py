"""Signed transactions: their parts, and the transaction that replaces one."""

import pytest

from dipmp_lib.errors import SignerError
from dipmp_lib.keccak import keccak256
from dipmp_lib.model.names import checksum_address
from dipmp_lib.transactions.ecdsa import Signature
from dipmp_lib.transactions.envelope import envelope_of
from dipmp_lib.transactions.fees import Fees
from dipmp_lib.transactions.signed import Signed
from dipmp_lib.transactions.signed import sign as sign_with
from tests.support.faulty.evil_signers import CHEATS, DYNAMIC, HONEST, LEGACY, EvilSigner, Transaction, sign


def test_the_parts_of_an_eip_1559_transaction() -> None:
    raw = sign(DYNAMIC)
    signed = Signed.from_raw(raw)
    assert (signed.raw, signed.sender, signed.identity) == (raw, HONEST.address, keccak256(raw))
    assert (signed.nonce, signed.gas, signed.fees) == (7, 180_000, Fees(2_001_000_000, 1_000_000))
    assert signed.call == {
        "from": checksum_address(HONEST.address),
        "to": DYNAMIC["to"],
        "value": 0,
        "data": "0x1234",
    }


def test_the_fee_of_a_legacy_transaction_is_its_gas_price() -> None:
    assert Signed.from_raw(sign(LEGACY)).fees == Fees(2_001_000_000, None)


@pytest.mark.parametrize(("asked", "fees"), [(DYNAMIC, Fees(3 * 10**9, 2 * 10**6)), (LEGACY, Fees(3 * 10**9, None))])
def test_a_replacement_differs_in_its_fees_alone(asked: Transaction, fees: Fees) -> None:
    old = Signed.from_raw(sign(asked))
    new = sign_with(HONEST, old.with_fees(fees))
    assert new.fees == fees
    assert (new.call, new.nonce, new.gas, new.envelope.chain_id) == (old.call, 7, 180_000, 8453)
    assert old.with_fees(old.fees) == dict(asked)


def test_a_cheat_is_not_signed_with() -> None:
    with pytest.raises(SignerError, match="changed value"):
        sign_with(EvilSigner(CHEATS["money besides"][0]), DYNAMIC)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "no transaction"),
        (sign({name: value for name, value in DYNAMIC.items() if name != "to"}), "calls nothing"),
        (envelope_of(DYNAMIC).signed(Signature(5, 1, 0)), "of no key"),
    ],
    ids=["nothing", "a creation", "no key"],
)
def test_other_bytes_are_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Signed.from_raw(raw)
