"""Transactions that a pool refuses, and those that fail in a block."""

from typing import Any

import pytest

from dipmp_lib.devnet.chain.evm import BLOCK_GAS, Evm
from dipmp_lib.errors import RpcError
from tests.support.systems.embedded_chain import FUNDS, REVERT, Client, Sender, hexed

pytestmark = pytest.mark.evm


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"nonce": 1}, "nonce too high"),
        ({"chainId": 1}, "invalid chain id"),
        ({"value": FUNDS}, "insufficient funds"),
        ({"gas": 20_999}, "intrinsic gas too low"),
        ({"gas": BLOCK_GAS + 1}, "exceeds block gas limit"),
        ({"maxFeePerGas": 1, "maxPriorityFeePerGas": 1}, "max fee per gas less than block base fee"),
        ({"gas": 21_000 + 16 * 1000, "data": b"\x11" * 1000}, "intrinsic gas too low"),  # EIP-7623
        ({"data": b"\x11" * 131_072, "gas": BLOCK_GAS}, "oversized data"),
    ],
)
def test_what_a_pool_refuses(evm: Evm, rpc: Client, sender: Sender, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(RpcError, match=words) as caught:
        rpc("eth_sendRawTransaction", hexed(sender.sign(b"\x42" * 20, **changes)))
    assert caught.value.code == -32000
    assert rpc("eth_blockNumber") == "0x0"
    assert evm.head.block_number == 0


def test_sending_the_same_transaction_twice(rpc: Client, sender: Sender) -> None:
    raw = hexed(sender.sign(b"\x42" * 20))
    rpc("eth_sendRawTransaction", raw)
    with pytest.raises(RpcError, match="nonce too low"):
        rpc("eth_sendRawTransaction", raw)
    assert rpc("eth_blockNumber") == "0x1"


def test_a_transaction_that_fails_is_in_a_block_and_pays(evm: Evm, rpc: Client, sender: Sender) -> None:
    contract = sender.create(evm, REVERT)
    digest = rpc("eth_sendRawTransaction", hexed(sender.sign(contract)))
    receipt = rpc("eth_getTransactionReceipt", digest)
    assert receipt["status"] == "0x0"
    assert int(receipt["gasUsed"], 16) > 21_000
