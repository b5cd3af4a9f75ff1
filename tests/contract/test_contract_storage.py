"""docs/contract-storage.md, followed to the letter: slots proven by eth_getProof."""

from typing import Any

import pytest
import rlp
from trie.hexary import HexaryTrie

from tests.contract.backends import AnvilBackend
from tests.contract.harness import OPEN, Registry
from tests.support.model.contract import hash256

NAME = "some-project"


def u256(number: int) -> bytes:
    return number.to_bytes(32, "big")


def slot(key: bytes, mapping: int) -> bytes:
    """Return the slot of a mapping's value."""
    return hash256(key + u256(mapping))


def plus(key: bytes, number: int) -> bytes:
    return u256(int.from_bytes(key, "big") + number)


def proven(root: bytes, key: bytes, proof: list[str]) -> bytes:
    """Return the proven value of a key, b"" for its absence. Raises BadTrieProof."""
    nodes = [rlp.decode(bytes.fromhex(node[2:])) for node in proof]
    trie: Any = HexaryTrie  # trie is only partly annotated
    return bytes(trie.get_from_proof(root, hash256(key), nodes))


def words(anvil: AnvilBackend, registry: Registry, *keys: bytes) -> list[int]:
    """Steps 1 to 4: the words at these keys, from the state root of the newest block."""
    answer: dict[str, Any] = anvil.proof(registry.address, [int.from_bytes(key, "big") for key in keys])
    leaf = proven(anvil.state_root(), registry.address, answer["accountProof"])
    nonce, _, storage_root, code_hash = rlp.decode(leaf)
    assert code_hash == hash256(registry.arguments.code)
    assert registry.arguments.address == registry.address
    assert int.from_bytes(nonce, "big") == len(registry.model.blobs) + 1
    values = [proven(storage_root, key, item["proof"]) for key, item in zip(keys, answer["storageProof"], strict=True)]
    return [int.from_bytes(rlp.decode(value), "big") if value else 0 for value in values]


@pytest.mark.node
def test_every_slot_is_where_the_page_says_and_holds_what_it_says(anvil: AnvilBackend) -> None:
    owner, publisher, heir, guardian = anvil.accounts[1:5]
    registry = Registry(anvil, guardian=guardian, mode=OPEN)
    until = anvil.now() + 1000
    registry.claim(owner, NAME, owner)
    registry.transfer(owner, NAME, owner)
    registry.accept(owner, NAME)
    registry.set_publisher(owner, NAME, publisher, until)
    registry.set_status(owner, NAME, 0x02)
    registry.quarantine(guardian, NAME, True)
    registry.transfer(owner, NAME, heir)
    registry.transfer_registry(registry.owner, heir)
    registry.resign_guardian(guardian)
    project, nobody = hash256(NAME.encode()), hash256(b"nobody")
    slot_a = slot(project, 0)
    keys = {
        "A": slot_a,
        "B": plus(slot_a, 1),
        "registry A": slot(bytes(32), 0),
        "registry B": plus(slot(bytes(32), 0), 1),
        "blobs": u256(1),
        "publisher": hash256(u256((1 << 160) + int.from_bytes(publisher, "big")) + slot(project, 2)),
        "offer": slot(project, 3),
        "registry offer": slot(bytes(32), 3),
        "lookalike": slot(hash256(b"s0mepr0ject"), 4),
        "resignation": u256(5),
        "free name": slot(nobody, 0),
    }
    found = dict(zip(keys, words(anvil, registry, *keys.values()), strict=True))
    a, b = registry.call("read", NAME, 0, 0, 0)[:2]
    registry_a, registry_b = registry.call("read", "", 0, 0, 0)[:2]
    count, last, status, epoch = 7, 7, 0x82, 1
    assert a == int.from_bytes(owner, "big") | count << 160 | last << 192 | status << 240 | epoch << 248
    assert registry_a == int.from_bytes(registry.owner, "big") | 3 << 160 | 9 << 192
    assert found == {
        "A": a,
        "B": int.from_bytes(b, "big"),
        "registry A": registry_a,
        "registry B": int.from_bytes(registry_b, "big"),
        "blobs": 9,
        "publisher": until,
        "offer": int.from_bytes(heir, "big"),
        "registry offer": int.from_bytes(heir, "big"),
        "lookalike": 1,
        "resignation": 1,
        "free name": 0,
    }


@pytest.mark.node
def test_a_blobs_code_hash_is_what_the_head_is_made_of(anvil: AnvilBackend) -> None:
    registry = Registry(anvil)
    registry.claim(registry.owner, NAME, registry.owner)
    ((address, blob),) = registry.model.codes().items()
    leaf = proven(anvil.state_root(), address, anvil.proof(address, [])["accountProof"])
    assert rlp.decode(leaf)[3] == hash256(blob)
