"""Signing with a key in memory, which shows nowhere."""

import traceback

import pytest
from eth_account import Account

from dipmp_lib.errors import SignerError
from dipmp_lib.model.names import checksum_address
from dipmp_lib.secret import Secret
from dipmp_lib.transactions.ecdsa import CURVE_ORDER
from dipmp_lib.transactions.signers import (
    KeySigner,
)

KEY = "4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d"
ADDRESS = Account.from_key(KEY).address
TRANSACTION = {
    "type": 2,
    "chainId": 1337,
    "nonce": 7,
    "gas": 21_000,
    "maxFeePerGas": 2,
    "maxPriorityFeePerGas": 1,
    "to": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "value": 0,
    "data": "0x",
}
PASSWORD = "correct horse"


def test_a_transaction_that_cannot_be_signed_shows_no_key() -> None:
    signer = KeySigner(Secret(bytes.fromhex(KEY)))
    with pytest.raises(SignerError) as caught:
        signer.sign_transaction({**TRANSACTION, "nonce": "seven"})
    assert caught.value.__context__ is None
    assert KEY not in "".join(traceback.format_exception(caught.value, chain=True))


def test_it_signs_with_its_own_address() -> None:
    signer = KeySigner(Secret(bytes.fromhex(KEY)))
    signer.unlock()
    assert checksum_address(signer.address) == ADDRESS
    assert Account.recover_transaction(signer.sign_transaction(TRANSACTION)) == ADDRESS
    assert signer.sign_transaction(TRANSACTION) == signer.sign_transaction(TRANSACTION)


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(32), bytes(33), CURVE_ORDER.to_bytes(32), b"\xff" * 32])
def test_other_bytes_are_no_key(key: bytes) -> None:
    with pytest.raises(SignerError, match=r"^the private key is not a secp256k1 key \(32 bytes\)$"):
        KeySigner(Secret(key))


def test_typed_data_that_cannot_be_signed_shows_no_key() -> None:
    with pytest.raises(SignerError, match="the typed data cannot be signed") as caught:
        KeySigner(Secret(bytes.fromhex(KEY))).sign_typed_data({"types": {}})
    assert KEY not in "".join(traceback.format_exception(caught.value, chain=True))
