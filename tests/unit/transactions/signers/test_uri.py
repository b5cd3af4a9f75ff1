"""Keys: where they come from, what is refused, and that they are never shown."""

import copy
import pickle

import pytest
from eth_account import Account

from dipmp_lib.errors import SignerError
from dipmp_lib.model.names import checksum_address
from dipmp_lib.secret import Secret
from dipmp_lib.transactions.signers import (
    PasswordSource,
    Signer,
    signer_from_uri,
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


def open_signer(uri: str, **environment: str) -> Signer:
    return signer_from_uri(uri, passwords=PasswordSource(environment=environment), environment=environment)


def test_a_secret_shows_nowhere() -> None:
    secret = Secret(KEY.encode())
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>100}", "%s" % secret, repr([secret])]  # noqa: UP031
    assert not any(KEY in text for text in shown)
    assert secret.reveal() == KEY.encode()
    for copier in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not serialised"):
            copier(secret)


@pytest.mark.parametrize("value", [KEY, f"0x{KEY}", KEY.upper(), f"  {KEY}\n"])
def test_a_key_from_the_environment_signs(value: str) -> None:
    signer = open_signer("env:CI_KEY", CI_KEY=value)
    assert checksum_address(signer.address) == ADDRESS
    signer.unlock()
    raw = signer.sign_transaction(TRANSACTION)
    assert Account.recover_transaction(raw) == ADDRESS
    assert raw == bytes(Account.sign_transaction(TRANSACTION, KEY).raw_transaction)


@pytest.mark.parametrize("value", ["", KEY[:-1], KEY + "0", "hello", "0" * 64, "f" * 64])
def test_a_bad_key_in_the_environment(value: str) -> None:
    with pytest.raises(SignerError) as caught:
        open_signer("env:CI_KEY", CI_KEY=value)
    assert not value or value not in str(caught.value)


@pytest.mark.parametrize(
    "uri", ["", "keystore", KEY, f"0x{KEY}", f"key:{KEY}", f"env:{KEY}", "env:", "env:A B", "keystore:", "keystore:a b"]
)
def test_bad_uris_are_refused_without_repeating_them(uri: str) -> None:
    with pytest.raises(SignerError) as caught:
        open_signer(uri)
    assert KEY not in str(caught.value) + caught.value.hint


def test_an_unset_variable() -> None:
    with pytest.raises(SignerError, match="CI_KEY, which the signer names, is not set"):
        open_signer("env:CI_KEY")
