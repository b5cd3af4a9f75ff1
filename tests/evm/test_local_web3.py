"""web3, which others wrote, talks to the embedded node as to any other."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import pytest
from web3 import HTTPProvider, Web3
from web3.exceptions import ContractCustomError, TransactionNotFound, Web3RPCError
from web3.middleware import SignAndSendRawMiddlewareBuilder

from dipmp_lib.ethereum.abi import package_index, package_index_factory
from tests.support.systems.embedded_chain import FUNDS, Sender, chain_and_client

pytestmark = pytest.mark.evm

Untyped: TypeAlias = Any
"""web3 makes the methods of contracts at run time."""


@pytest.fixture(scope="module")
def sender() -> Sender:
    return Sender()


@pytest.fixture(scope="module")
def web3(sender: Sender) -> Iterator[Untyped]:
    with chain_and_client(sender) as (_, client):
        yield Web3(HTTPProvider(client.url, session=client.session))


@pytest.fixture(scope="module")
def registry(web3: Untyped, sender: Sender) -> Untyped:
    web3.middleware_onion.inject(SignAndSendRawMiddlewareBuilder.build(sender.account), layer=0)
    me, compiled = sender.account.address, package_index_factory()
    creation = web3.eth.contract(abi=compiled.abi, bytecode=compiled.bytecode)
    receipt = web3.eth.wait_for_transaction_receipt(creation.constructor().transact({"from": me}))
    assert receipt["status"] == 1
    assert len(web3.eth.get_code(receipt["contractAddress"])) == len(compiled.deployed_bytecode)
    factory = web3.eth.contract(receipt["contractAddress"], abi=compiled.abi)
    arguments = (me, "0x" + "00" * 20, 0, bytes(32))
    created = web3.eth.wait_for_transaction_receipt(factory.functions.create(*arguments).transact({"from": me}))
    [event] = factory.events.Created().process_receipt(created)
    assert event["args"]["registry"] == factory.functions.addressOf(*arguments).call()
    return web3.eth.contract(event["args"]["registry"], abi=package_index().abi)


def test_the_chain_introduces_itself(web3: Untyped) -> None:
    assert web3.is_connected()
    assert web3.eth.chain_id == 1337
    assert web3.net.version == "1337"
    assert web3.client_version.startswith("dipmp/")
    assert web3.eth.gas_price > web3.eth.max_priority_fee > 0
    assert web3.eth.accounts == []
    assert web3.eth.syncing is False


def test_publishing_end_to_end(web3: Untyped, registry: Untyped, sender: Sender) -> None:
    me = {"from": sender.account.address}
    before = web3.eth.get_transaction_count(sender.account.address)
    claimed = web3.eth.wait_for_transaction_receipt(registry.functions.claim("six", me["from"], b"").transact(me))
    appended = web3.eth.wait_for_transaction_receipt(registry.functions.append("six", 1, b"\0\x83abc").transact(me))
    assert claimed["status"] == appended["status"] == 1
    assert web3.eth.get_transaction_count(sender.account.address) == before + 2
    _, _, done, page = registry.functions.read("six", 0, 0, 100_000).call()
    assert done == 0
    assert page.count(b"\0\x83abc") == 1
    events = registry.events.Appended().process_receipt(appended)
    assert len(events) == 1
    assert events == tuple(registry.events.Appended().get_logs(from_block=appended["blockNumber"]))
    assert registry.events.Appended().get_logs(from_block=0, to_block=claimed["blockNumber"] - 1) == []
    transaction = web3.eth.get_transaction(appended["transactionHash"])
    assert transaction["blockHash"] == appended["blockHash"]
    assert transaction["to"] == registry.address
    spent = sum(r["gasUsed"] * r["effectiveGasPrice"] for r in (claimed, appended))
    assert 0 < spent < FUNDS


@pytest.mark.parametrize("attempt", ["call", "estimate_gas"])
def test_a_custom_error_arrives_with_its_data(registry: Untyped, sender: Sender, attempt: str) -> None:
    me = {"from": sender.account.address}
    name = f"taken-by-{attempt.replace('_', '-')}"
    claim = registry.functions.claim(name, me["from"], b"")
    claim.transact(me)
    with pytest.raises(ContractCustomError) as caught:
        getattr(claim, attempt)(me)
    assert name.encode().hex() in str(caught.value.data)


def test_blocks_and_fees(web3: Untyped) -> None:
    head = web3.eth.get_block("latest", full_transactions=True)
    for tag in ("safe", "finalized", head["number"], head["hash"]):
        assert web3.eth.get_block(tag, full_transactions=True) == head
    parent = web3.eth.get_block(head["number"] - 1)
    assert head["parentHash"] == parent["hash"]
    assert head["timestamp"] > parent["timestamp"]
    assert web3.eth.get_block("earliest")["number"] == 0
    history = web3.eth.fee_history(3, "latest", [10.0, 50.0])
    assert history["oldestBlock"] == head["number"] - 2
    assert len(history["baseFeePerGas"]) == 4
    assert len(history["reward"]) == len(history["gasUsedRatio"]) == 3
    assert [len(row) for row in history["reward"]] == [2, 2, 2]


def test_absence(web3: Untyped) -> None:
    with pytest.raises(TransactionNotFound):
        web3.eth.get_transaction("0x" + "11" * 32)
    with pytest.raises(TransactionNotFound):
        web3.eth.get_transaction_receipt("0x" + "11" * 32)
    nobody = Web3.to_checksum_address("0x" + "ab" * 20)
    assert web3.eth.get_balance(nobody) == web3.eth.get_transaction_count(nobody) == 0
    assert web3.eth.get_code(nobody) == b""
    with pytest.raises(Web3RPCError, match="header not found"):
        web3.eth.get_balance(nobody, 10_000)
