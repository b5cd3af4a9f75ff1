"""What a signer returns: everything but the one transaction that was asked for is refused, and says what differs."""

from collections.abc import Mapping

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import SignerError
from dipmp_lib.model.names import checksum_address
from dipmp_lib.transactions.ecdsa import CURVE_ORDER, Signature, parse_packed
from dipmp_lib.transactions.signers import check_transaction, check_typed_data, typed_data_digest
from tests.support.faulty.evil_signers import CHEATS, DYNAMIC, HONEST, KEY, LEGACY, sign
from tests.support.model.signing import append_digest, typed_data

CALL = (HONEST.address, "demo", 1, b"\x00payload", bytes(range(32)), 2_000_000_000)
MESSAGE = typed_data(8453, bytes(20), *CALL)


@pytest.mark.parametrize("asked", [DYNAMIC, LEGACY, {**DYNAMIC, "data": "0x"}, {**DYNAMIC, "nonce": 0}])
def test_what_was_asked_for_passes(asked: Mapping[str, object]) -> None:
    check_transaction(HONEST.sign_transaction(asked), asked, HONEST.address)


@pytest.mark.parametrize("cheat", CHEATS)
def test_every_cheat_is_named(cheat: str) -> None:
    act, sentence = CHEATS[cheat]
    with pytest.raises(SignerError, match=sentence):
        check_transaction(act(DYNAMIC), DYNAMIC, HONEST.address)


def test_legacy_transactions_are_bound_to_their_chain() -> None:
    for changes, sentence in (
        ({"chainId": 1}, "signed for chain 1, not 8453"),
        ({"gasPrice": 1}, "changed gasPrice"),
    ):
        with pytest.raises(SignerError, match=sentence):
            check_transaction(sign({**LEGACY, **changes}), LEGACY, HONEST.address)
    unbound = sign({name: value for name, value in LEGACY.items() if name != "chainId"})
    with pytest.raises(SignerError, match="holds on every chain"):
        check_transaction(unbound, LEGACY, HONEST.address)


@pytest.mark.slow
@given(st.integers(0, 8), st.data())
def test_no_changed_byte_passes(bit: int, data: st.DataObject) -> None:
    raw = HONEST.sign_transaction(DYNAMIC)
    place = data.draw(st.integers(0, len(raw) - 1))
    broken = bytearray(raw)
    broken[place] ^= 1 << (bit % 8)
    with pytest.raises(SignerError):
        check_transaction(bytes(broken), DYNAMIC, HONEST.address)


@given(st.binary(max_size=300))
def test_it_is_total(raw: bytes) -> None:
    for asked in (DYNAMIC, LEGACY):
        with pytest.raises(SignerError):
            check_transaction(raw, asked, HONEST.address)
        with pytest.raises(SignerError):
            check_transaction(b"\x02" + raw, asked, HONEST.address)


# ---- typed data


def test_typed_data_has_the_digest_that_the_contract_takes() -> None:
    assert typed_data_digest(MESSAGE) == append_digest(8453, bytes(20), *CALL)
    odds: list[dict[str, object]] = [{}, {"types": {}}, {**MESSAGE, "message": {}}, {**MESSAGE, "primaryType": "Other"}]
    for odd in odds:
        with pytest.raises(SignerError, match="cannot be signed"):
            typed_data_digest(odd)


def test_signatures_over_typed_data() -> None:
    digest, signature = typed_data_digest(MESSAGE), HONEST.sign_typed_data(MESSAGE)
    check_typed_data(signature, digest, HONEST.address)
    found = parse_packed(signature)
    high = Signature(found.r, CURVE_ORDER - found.s, 1 - found.parity)
    assert high.signer_of(digest) == HONEST.address
    cases = {
        "a high s": high.packed(),
        "65 bytes": signature[:64],
        "v 27 or 28": signature[:64] + b"\x00",
        "of nobody|did not sign": signature[:64] + bytes((55 - signature[64],)),
        "refuse": bytes(64) + b"\x1b",
    }
    for sentence, bad in cases.items():
        with pytest.raises(SignerError, match=sentence):
            check_typed_data(bad, digest, HONEST.address)
    with pytest.raises(SignerError, match="did not sign with the key"):
        check_typed_data(signature, bytes(32), HONEST.address)
    with pytest.raises(SignerError, match="cannot be signed"):
        HONEST.sign_typed_data({"types": {}})


def test_the_key_is_the_tests_own() -> None:
    assert Account.from_key(KEY.reveal()).address == checksum_address(HONEST.address)
