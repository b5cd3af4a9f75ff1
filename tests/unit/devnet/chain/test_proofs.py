"""eth_getProof against the state root, verified by the `trie` package."""

from collections.abc import Sequence
from typing import Any

import pytest
import rlp
from trie.exceptions import BadTrieProof
from trie.hexary import HexaryTrie

from dipmp_lib.devnet.chain.evm import Evm
from dipmp_lib.errors import RpcError
from dipmp_lib.keccak import keccak256
from tests.support.systems.embedded_chain import STORE, Client, Sender

pytestmark = pytest.mark.evm

EMPTY_ROOT = "0x" + keccak256(rlp.encode(b"")).hex()


TRIE: Any = HexaryTrie


def raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def prove(root: str, key: bytes, nodes: Sequence[str]) -> bytes:
    """Return what `nodes` prove about `key`, b"" for proven absence. Raises BadTrieProof."""
    return bytes(TRIE.get_from_proof(raw(root), keccak256(key), [rlp.decode(raw(node)) for node in nodes]))


def prove_account(root: str, proof: dict[str, Any]) -> list[bytes]:
    encoded = prove(root, raw(proof["address"]), proof["accountProof"])
    return list(rlp.decode(encoded)) if encoded else []


def test_an_account_and_its_storage_are_proven(chain: tuple[Evm, Client], sender: Sender) -> None:
    evm, rpc = chain
    contract = sender.create(evm, STORE)
    evm.send(sender.sign(contract, (2**255 + 9).to_bytes(32)))
    slots = ["0x0", f"0x{1:064x}"]
    proof = rpc("eth_getProof", "0x" + contract.hex(), slots, "latest")
    root = rpc("eth_getBlockByNumber", "latest", False)["stateRoot"]
    nonce, balance, storage_root, code_hash = prove_account(root, proof)
    assert (
        (int.from_bytes(nonce), int.from_bytes(balance))
        == (int(proof["nonce"], 16), int(proof["balance"], 16))
        == (1, 0)
    )
    assert (storage_root, code_hash) == (raw(proof["storageHash"]), raw(proof["codeHash"]))
    assert code_hash == keccak256(STORE)
    stored, absent = proof["storageProof"]
    assert [stored["key"], absent["key"]] == ["0x0", "0x1"]
    assert rlp.decode(prove(proof["storageHash"], bytes(32), stored["proof"])) == (2**255 + 9).to_bytes(32)
    assert int(stored["value"], 16) == 2**255 + 9
    assert prove(proof["storageHash"], (1).to_bytes(32), absent["proof"]) == b""
    assert absent["value"] == "0x0"


def test_the_past_is_proven_by_its_block_hash(chain: tuple[Evm, Client], sender: Sender) -> None:
    evm, rpc = chain
    contract = sender.create(evm, STORE)
    evm.send(sender.sign(contract, (1).to_bytes(32)))
    block = rpc("eth_getBlockByNumber", "latest", False)
    evm.send(sender.sign(contract, (2).to_bytes(32)))
    proof = rpc("eth_getProof", "0x" + contract.hex(), ["0x0"], {"blockHash": block["hash"]})
    assert prove_account(block["stateRoot"], proof)[2] == raw(proof["storageHash"])
    assert proof["storageProof"][0]["value"] == "0x1"
    with pytest.raises(BadTrieProof):
        prove_account(rpc("eth_getBlockByNumber", "latest", False)["stateRoot"], proof)


def test_absence_is_proven(chain: tuple[Evm, Client], sender: Sender) -> None:
    evm, rpc = chain
    evm.mine()
    proof = rpc("eth_getProof", "0x" + "77" * 20, ["0x0"], "latest")
    assert prove_account(rpc("eth_getBlockByNumber", "latest", False)["stateRoot"], proof) == []
    assert (proof["balance"], proof["nonce"], proof["storageHash"]) == ("0x0", "0x0", EMPTY_ROOT)
    assert proof["codeHash"] == "0x" + keccak256(b"").hex()
    assert proof["storageProof"] == [{"key": "0x0", "value": "0x0", "proof": []}]


@pytest.mark.parametrize("keys", [None, "0x0", ["zz"], ["0x0"] * 1025])
def test_bad_keys(chain: tuple[Evm, Client], keys: object) -> None:
    with pytest.raises(RpcError) as caught:
        chain[1]("eth_getProof", "0x" + "77" * 20, keys, "latest")
    assert caught.value.code == -32602
