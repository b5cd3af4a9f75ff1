"""Signer with a key in AWS KMS (ECC_SECG_P256K1); credentials are AWS's own: a role, a profile or variables.

KMS returns DER with any s and no recovery id, so the lower s and the parity are found here. Source: AWS KMS API
Reference, "Sign" and "GetPublicKey".
"""

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from ...aws.client import aws, call
from ...errors import SignerError, StoreError
from ...keccak import keccak256
from ...model.names import checksum_address
from ..ecdsa import FIELD, Signature, low, parse_der, typed_data_digest
from ..envelope import envelope_of

_KEY = re.compile(
    r"(?:arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]{1,32}):[0-9]{12}:)?"
    r"(?:key/|alias/)?[A-Za-z0-9/_-]{1,256}"
)
# SubjectPublicKeyInfo of an uncompressed secp256k1 point (RFC 5480, SEC 2); the point follows.
_POINT_PREFIX = bytes.fromhex("3056301006072a8648ce3d020106052b8104000a034200" + "04")


class KmsSigner:
    """Signs with one key of AWS KMS, named by its id, alias or ARN; KMS is first asked when the address is needed."""

    def __init__(self, key: str, client: Callable[[str], Any] | None = None) -> None:
        """Take the key's name; `client` makes a KMS client for a region, "" for the default one. Raises SignerError."""
        match = _KEY.fullmatch(key)
        if match is None:
            raise SignerError(
                f"{key[:80]!a} is not the id, alias or ARN of an AWS KMS key",
                hint="as in kms:alias/publisher or kms:arn:aws:kms:eu-central-1:111122223333:key/…",
            )
        # `key/ID` is the end of an ARN, and no name by itself.
        self._key = key.removeprefix("key/")
        self._region = match["region"] or ""
        self._client = client or (lambda region: aws("kms", region))

    @cached_property
    def address(self) -> bytes:
        """The address of KMS's public key. Raises SignerError."""
        public_key = bytes(self._call("get_public_key").get("PublicKey", b""))
        if not public_key.startswith(_POINT_PREFIX):
            raise SignerError(
                f"the KMS key {self._key} is not for signing with secp256k1",
                hint="create one with --key-spec ECC_SECG_P256K1 --key-usage SIGN_VERIFY",
            )
        return _address(public_key.removeprefix(_POINT_PREFIX))

    def unlock(self) -> None:
        """Fetch the address, which proves access to KMS. Raises SignerError."""
        self.address  # noqa: B018 - asked for once, here

    def sign_transaction(self, transaction: Mapping[str, object]) -> bytes:
        """Return the raw transaction with KMS's signature. Raises SignerError."""
        envelope = envelope_of(transaction)
        return envelope.signed(self._sign(envelope.digest))

    def sign_typed_data(self, message: Mapping[str, object]) -> bytes:
        """Return KMS's signature as r ‖ s ‖ v. Raises SignerError."""
        return self._sign(typed_data_digest(message)).packed()

    def _sign(self, digest: bytes) -> Signature:
        answer = self._call("sign", Message=digest, MessageType="DIGEST", SigningAlgorithm="ECDSA_SHA_256")
        r, s = low(*parse_der(bytes(answer.get("Signature", b""))))
        for parity in (0, 1):
            signature = Signature(r, s, parity)
            if signature.signer_of(digest) == self.address:
                return signature
        raise SignerError(f"AWS KMS did not sign with the key of {checksum_address(self.address)}")

    def _call(self, operation: str, **arguments: object) -> Mapping[str, Any]:
        try:
            found = call(getattr(self._client(self._region), operation), KeyId=self._key, **arguments)
        except StoreError as error:
            hint = (
                error.hint if "installed" in str(error) else "allow kms:GetPublicKey and kms:Sign, and set AWS_REGION"
            )
            raise SignerError(f"AWS KMS cannot use the key {self._key}: {error}", hint=hint) from None
        return dict(found)


def _address(point: bytes) -> bytes:
    x, y = int.from_bytes(point[:32]), int.from_bytes(point[32:])
    if len(point) != 64 or x >= FIELD or y >= FIELD or (y * y - x**3 - 7) % FIELD:
        raise SignerError("AWS KMS returned a public key that is not a point of secp256k1")
    return keccak256(point)[12:]
