"""Merkle-Patricia proofs of accounts and storage, as eth_getProof returns them (EIP-1186)."""

from collections.abc import Sequence

import rlp
from eth.rlp.accounts import Account
from trie.hexary import HexaryTrie

from ...keccak import keccak256
from ...model.names import checksum_address
from .pyevm import Header, Trie
from .statedb import StateDB
from .views import Json, hexed


def account_proof(db: StateDB, header: Header, address: bytes, slots: Sequence[int]) -> Json:
    """Return an account and some of its storage after `header`, each with its nodes from the root down.

    What does not exist is returned as empty, with the nodes that prove its absence.
    """
    trie: Trie = HexaryTrie(db, header.state_root)
    key = keccak256(address)
    encoded = trie[key]
    account = rlp.decode(encoded, Account) if encoded else Account()
    return {
        "address": checksum_address(address),
        "accountProof": [hexed(rlp.encode(node)) for node in trie.get_proof(key)],
        "balance": hex(account.balance),
        "nonce": hex(account.nonce),
        "codeHash": hexed(account.code_hash),
        "storageHash": hexed(account.storage_root),
        "storageProof": [_storage_proof(db, account.storage_root, slot) for slot in slots],
    }


def _storage_proof(db: StateDB, root: bytes, slot: int) -> Json:
    trie: Trie = HexaryTrie(db, root)
    key = keccak256(slot.to_bytes(32))
    value = rlp.decode(trie[key], rlp.sedes.big_endian_int) if trie[key] else 0
    return {"key": hex(slot), "value": hex(value), "proof": [hexed(rlp.encode(node)) for node in trie.get_proof(key)]}
