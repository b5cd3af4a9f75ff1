"""AWS KMS by moto, patched to sign digests as they are where MessageType is DIGEST, as KMS does.

moto hashes the digest once more, and no address can be recovered from such a signature.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import boto3
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature, encode_dss_signature
from moto.kms.responses import KmsResponse
from moto.kms.utils import ECDSAPrivateKey

from dipmp_lib.transactions.ecdsa import CURVE_ORDER, HALF_ORDER


@contextmanager
def kms_that_signs_digests(*, high: bool = True) -> Iterator[list[str]]:
    """Patch moto in this process; yields the message types asked for. With `high`, every s is the higher one."""
    asked: list[str] = []
    respond = KmsResponse.sign

    def sign_request(self: Any) -> str:  # noqa: ANN401 - moto's
        asked.append(self._get_param("MessageType"))
        return str(respond(self))

    def sign(self: Any, message: bytes, signing_algorithm: str) -> bytes:  # noqa: ANN401 - moto's
        assert signing_algorithm == "ECDSA_SHA_256"
        if asked[-1] != "DIGEST":
            return bytes(self.private_key.sign(message, ec.ECDSA(hashes.SHA256())))
        r, s = decode_dss_signature(self.private_key.sign(message, ec.ECDSA(Prehashed(hashes.SHA256()))))
        return bytes(encode_dss_signature(r, CURVE_ORDER - s if high and s <= HALF_ORDER else s))

    with patch.object(KmsResponse, "sign", sign_request), patch.object(ECDSAPrivateKey, "sign", sign):
        yield asked


def create_key(spec: str = "ECC_SECG_P256K1", usage: str = "SIGN_VERIFY") -> str:
    """Create a key in the (fake) account of the environment, and return its ARN."""
    return str(boto3.client("kms").create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["Arn"])
