"""Blocks and transactions as JSON-RPC shows them: a client can compute their hashes again."""

from typing import Any

import pytest

from dipmp_lib.devnet.chain.evm import Evm
from dipmp_lib.keccak import keccak256
from tests.support.systems.embedded_chain import FUNDS, LOG, STORE, Client, Sender, header_hash, hexed

pytestmark = pytest.mark.evm


def test_every_header_hashes_to_its_hash(evm: Evm, rpc: Client, sender: Sender) -> None:
    sender.create(evm, STORE)
    sender.create(evm, LOG)
    evm.mine()
    blocks = [rpc("eth_getBlockByNumber", hex(number), False) for number in range(4)]
    for block in blocks:
        assert header_hash(block) == block["hash"]
        assert rpc("eth_getBlockByHash", block["hash"], False) == block
    assert [block["parentHash"] for block in blocks[1:]] == [block["hash"] for block in blocks[:-1]]
    assert rpc("eth_getBlockByNumber", "0x4", False) is None
    assert rpc("eth_getBlockByHash", "0x" + "00" * 32, False) is None


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (0, {"type": None, "maxFeePerGas": None, "maxPriorityFeePerGas": None, "gasPrice": 3 * 10**9}),
        (0, {"type": None, "maxFeePerGas": None, "maxPriorityFeePerGas": None, "gasPrice": 3 * 10**9, "chainId": None}),
        (1, {"type": 1, "maxFeePerGas": None, "maxPriorityFeePerGas": None, "gasPrice": 3 * 10**9, "accessList": []}),
        (2, {"accessList": [{"address": "0x" + "33" * 20, "storageKeys": ["0x" + "00" * 32]}]}),
    ],
)
def test_every_kind_of_transaction(evm: Evm, rpc: Client, sender: Sender, kind: int, changes: dict[str, Any]) -> None:
    raw = sender.sign(b"\x42" * 20, b"", value=5, **changes)
    digest = rpc("eth_sendRawTransaction", hexed(raw))
    assert digest == hexed(keccak256(raw))
    receipt, transaction = rpc("eth_getTransactionReceipt", digest), rpc("eth_getTransactionByHash", digest)
    block = rpc("eth_getBlockByNumber", "latest", True)
    assert int(transaction["type"], 16) == int(receipt["type"], 16) == kind
    assert transaction == block["transactions"][0]
    assert receipt["status"] == "0x1"
    assert receipt["contractAddress"] is None
    assert (transaction["from"], transaction["to"], transaction["value"]) == (
        sender.account.address,
        "0x" + "42" * 20,
        "0x5",
    )
    price = 3 * 10**9 if kind < 2 else int(block["baseFeePerGas"], 16) + 10**9
    assert int(receipt["effectiveGasPrice"], 16) == int(transaction["gasPrice"], 16) == price
    used = int(receipt["gasUsed"], 16)
    assert used == (21_000 if kind < 2 else 21_000 + 2400 + 1900)
    assert int(rpc("eth_getBalance", hexed(sender.address), "latest"), 16) == FUNDS - 5 - used * price
    assert int(rpc("eth_getBalance", "0x" + "42" * 20), 16) == 5
