"""A signed append, and its signature by eth-account."""

from dataclasses import dataclass

from eth_account import Account

from tests.support.model.signing import append_digest, typed_data


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """The members of EIP-712's domain and message that differ, and the key that signs."""

    chain_id: int
    registry: bytes
    signer: bytes
    name: str
    kind: int
    payload: bytes
    head: bytes
    deadline: int
    key: bytes

    @property
    def digest(self) -> bytes:
        """The 32 bytes that are signed."""
        call = (self.signer, self.name, self.kind, self.payload, self.head, self.deadline)
        return append_digest(self.chain_id, self.registry, *call)

    @property
    def signature(self) -> bytes:
        """The key's signature, from the typed data."""
        call = (self.signer, self.name, self.kind, self.payload, self.head, self.deadline)
        data = typed_data(self.chain_id, self.registry, *call)
        return bytes(Account.sign_typed_data(self.key, full_message=data).signature)
