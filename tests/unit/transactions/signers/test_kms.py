"""Keys in AWS KMS: the address, signatures put right, and what is said when it cannot be used."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from eth_account import Account

from dipmp_lib.errors import SignerError
from dipmp_lib.model.names import checksum_address
from dipmp_lib.transactions.ecdsa import parse_packed
from dipmp_lib.transactions.signers import (
    KmsSigner,
    PasswordSource,
    Signer,
    check_transaction,
    check_typed_data,
    typed_data_digest,
)
from tests.support.fakes.aws import fake_aws
from tests.support.fakes.kms import create_key, kms_that_signs_digests
from tests.support.faulty.evil_signers import DYNAMIC, LEGACY
from tests.support.model.signing import typed_data

pytestmark = pytest.mark.slow


def open_signer(uri: str) -> Signer:
    from dipmp_lib.transactions.signers import signer_from_uri

    return signer_from_uri(uri, passwords=PasswordSource(), environment={})


@pytest.fixture
def asked() -> Iterator[list[str]]:
    with fake_aws(), kms_that_signs_digests() as types:
        yield types


def test_it_signs_and_the_address_is_recovered(asked: list[str]) -> None:
    arn = create_key()
    boto3.client("kms").create_alias(AliasName="alias/publisher", TargetKeyId=arn)
    names = (arn, arn.rpartition("/")[2], "alias/publisher", f"{arn.partition(':key/')[0]}:alias/publisher")
    addresses = set()
    for name in names:
        signer = open_signer(f"kms:{name}")
        signer.unlock()
        addresses.add(signer.address)
        for transaction in (DYNAMIC, LEGACY):
            raw = signer.sign_transaction(transaction)
            assert Account.recover_transaction(raw) == checksum_address(signer.address)
            check_transaction(raw, transaction, signer.address)
    assert len(addresses) == 1
    assert set(asked) == {"DIGEST"}


def test_it_signs_typed_data(asked: list[str]) -> None:
    signer = open_signer(f"kms:{create_key()}")
    message = typed_data(1, bytes(20), signer.address, "demo", 1, b"x", bytes(32), 7)
    for _ in range(8):  # both values of v
        signature = signer.sign_typed_data(message)
        check_typed_data(signature, typed_data_digest(message), signer.address)
        assert parse_packed(signature).is_low


def test_a_region_in_the_arn_wins(asked: list[str]) -> None:
    regions: list[str] = []

    def client(region: str) -> Any:  # noqa: ANN401
        regions.append(region)
        return boto3.client("kms")

    arn = create_key()
    assert KmsSigner(arn, client).address
    assert KmsSigner(arn.rpartition("/")[2], client).address
    assert regions == ["eu-central-1", ""]


@pytest.mark.parametrize(
    ("spec", "usage"), [("ECC_NIST_P256", "SIGN_VERIFY"), ("RSA_2048", "SIGN_VERIFY"), ("RSA_2048", "ENCRYPT_DECRYPT")]
)
def test_keys_of_another_kind(asked: list[str], spec: str, usage: str) -> None:
    with pytest.raises(SignerError, match="not for signing with secp256k1") as caught:
        _ = open_signer(f"kms:{create_key(spec, usage)}").address
    assert "--key-spec ECC_SECG_P256K1" in caught.value.hint


def test_a_key_that_is_not_there(asked: list[str]) -> None:
    with pytest.raises(SignerError, match=r"AWS KMS cannot use the key alias/none: .*NotFoundException") as caught:
        open_signer("kms:alias/none").unlock()
    assert "kms:Sign" in caught.value.hint


@pytest.mark.parametrize("name", ["", "a b", "arn:aws:s3:::bucket", "arn:aws:kms:eu:1:key/x", "alias/\n", "x" * 300])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(SignerError, match="is not the id, alias or ARN"):
        open_signer(f"kms:{name}")


class Lying:
    """A client whose answers are made up."""

    def __init__(self, **answers: Any) -> None:  # noqa: ANN401
        self._answers = answers

    def client(self, _region: str) -> Any:  # noqa: ANN401
        return self

    def get_public_key(self, **_: object) -> Any:  # noqa: ANN401
        return self._answers

    def sign(self, **_: object) -> Any:  # noqa: ANN401
        return self._answers


def test_public_keys_that_are_none(asked: list[str]) -> None:
    real = boto3.client("kms").get_public_key(KeyId=create_key())["PublicKey"]
    lies = [b"", real[:-1], real + b"\0", b"\x31" + real[1:], real[:-1] + bytes((real[-1] ^ 1,)), bytes(88)]
    for lie in lies:
        lying = Lying(PublicKey=lie)
        with pytest.raises(SignerError, match=r"not a point of|not for signing with"):
            _ = KmsSigner("alias/x", lying.client).address


def test_a_signature_by_another_key(asked: list[str]) -> None:
    mine, other = create_key(), create_key()
    theirs = boto3.client("kms").sign(
        KeyId=other, Message=bytes(32), MessageType="DIGEST", SigningAlgorithm="ECDSA_SHA_256"
    )
    lies = {"PublicKey": boto3.client("kms").get_public_key(KeyId=mine)["PublicKey"]}
    for signature, sentence in ((theirs["Signature"], "did not sign with the key of"), (b"\x30\x00", "not in DER")):
        lying = Lying(**lies, Signature=signature)
        with pytest.raises(SignerError, match=sentence):
            KmsSigner("alias/x", lying.client).sign_transaction(DYNAMIC)


def test_nothing_is_loaded_before_it_is_used() -> None:
    import subprocess
    import sys

    code = "import sys, dipmp_lib.transactions.signers as s; s.KmsSigner('alias/x'); print('boto3' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
