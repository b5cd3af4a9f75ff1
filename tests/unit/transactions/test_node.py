"""One node, asked with web3: what it answers, and that no answer raises anything unexpected."""

import pytest

from dipmp_lib.errors import (
    MalformedAnswer,
    Reverted,
    RpcError,
)
from dipmp_lib.model.names import checksum_address
from dipmp_lib.transactions import Call
from dipmp_lib.transactions.fees import Fees
from dipmp_lib.transactions.node import Node
from tests.support.fakes.node import BASE_FEE, CHAIN_ID, REGISTRY, FakeNode
from tests.support.systems.sending import ADDRESS, CLAIM, SIGNER


def test_a_node_is_asked_for_amounts() -> None:
    fake = FakeNode(balance=77)
    node = Node(fake, REGISTRY)
    assert (node.chain_id(), node.has_code(), node.balance(SIGNER.address)) == (CHAIN_ID, True, 77)
    assert node.time() == fake.time
    assert node.fees() == Fees(2 * BASE_FEE + 10**6, 10**6)
    assert Node(FakeNode(legacy=True), REGISTRY).fees().tip is None


def test_a_chain_without_the_tips_method_pays_what_the_gas_price_is_above_the_base_fee() -> None:
    fake = FakeNode()
    fake.answers["eth_maxPriorityFeePerGas"] = RpcError("no such method", code=-32601)
    fake.answers["eth_gasPrice"] = hex(BASE_FEE + 5)
    assert Node(fake, REGISTRY).fees() == Fees(2 * BASE_FEE + 5, 5)


def test_the_transaction_of_a_call() -> None:
    node = Node(FakeNode(), REGISTRY)
    made = node.transaction(CLAIM, SIGNER.address)
    assert (made["from"], made["to"], made["value"]) == (ADDRESS, checksum_address(REGISTRY), 0)
    assert made["data"].startswith("0x")
    elsewhere = node.transaction(Call("deploy", "", (), bytes([7]) * 20, b"\x01\x02"), SIGNER.address)
    assert (elsewhere["to"], elsewhere["data"]) == (checksum_address(bytes([7]) * 20), "0x0102")


def test_a_revert_has_its_reason_though_estimates_of_the_node_have_none() -> None:
    fake = FakeNode()
    fake.answers["eth_call"] = Reverted("reverted", code=3, data="0x1234")
    fake.answers["eth_estimateGas"] = RpcError("failed")
    node = Node(fake, REGISTRY)
    with pytest.raises(Reverted) as caught:
        node.estimate(node.transaction(CLAIM, SIGNER.address))
    assert caught.value.data == "0x1234"


def test_a_chain_without_data_fees_is_asked_for_them_once() -> None:
    fake = FakeNode()
    node = Node(fake, REGISTRY)
    transaction = node.transaction(CLAIM, SIGNER.address)
    assert node.data_fee(transaction) == 0
    asked = len(fake.calls)
    assert node.data_fee(transaction) == 0
    assert len(fake.calls) == asked


def test_errors_of_the_transport_pass_through() -> None:
    fake = FakeNode()
    fake.answers["eth_getBalance"] = RpcError("down", code=-32000)
    with pytest.raises(RpcError, match="down"):
        Node(fake, REGISTRY).balance(SIGNER.address)
    fake.answers["eth_getBalance"] = "0xzz"
    with pytest.raises(MalformedAnswer, match="answer to eth_getBalance cannot be read"):
        Node(fake, REGISTRY).balance(SIGNER.address)
