"""The embedded node's methods, one by one, over HTTP."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import rlp

from dipmp_lib.devnet.chain.evm import BLOCK_GAS, Evm
from dipmp_lib.devnet.chain.execution import GAS_CAP
from dipmp_lib.errors import RpcError
from dipmp_lib.keccak import keccak256
from tests.support.systems.embedded_chain import (
    FUNDS,
    GAS_LEFT,
    LOG,
    LOOP,
    NOW,
    REVERT,
    STORE,
    Client,
    Sender,
    chain_and_client,
)

pytestmark = pytest.mark.evm

NUMBERS = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas"}
HEADER_FIELDS = (
    *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom", "difficulty"),
    *("number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce", "baseFeePerGas"),
    *("withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot", "requestsHash"),
)


@pytest.fixture
def sender() -> Sender:
    return Sender()


@pytest.fixture
def chain(sender: Sender) -> Iterator[tuple[Evm, Client]]:
    with chain_and_client(sender) as running:
        yield running


@pytest.fixture
def evm(chain: tuple[Evm, Client]) -> Evm:
    return chain[0]


@pytest.fixture
def rpc(chain: tuple[Evm, Client]) -> Client:
    return chain[1]


def hexed(value: bytes) -> str:
    return "0x" + value.hex()


def header_hash(block: dict[str, Any]) -> str:
    """Compute a block's hash from its JSON, as a client that trusts nobody does."""
    fields = []
    for name in HEADER_FIELDS:
        text = block[name]
        number = rlp.sedes.big_endian_int.serialize(int(text, 16)) if name in NUMBERS else b""
        fields.append(number if name in NUMBERS else bytes.fromhex(text[2:]))
    return hexed(keccak256(rlp.encode(fields)))


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


def test_a_call_fails_with_the_revert_data(evm: Evm, rpc: Client, sender: Sender) -> None:
    contract = hexed(sender.create(evm, REVERT))
    for method in ("eth_call", "eth_estimateGas"):
        with pytest.raises(RpcError, match="execution reverted") as caught:
            rpc(method, {"to": contract})
        assert caught.value.code == 3
        assert caught.value.data == f"0x{0xFF:064x}"


def test_the_gas_of_a_call_is_honoured_and_capped(evm: Evm, rpc: Client, sender: Sender) -> None:
    contract = hexed(sender.create(evm, GAS_LEFT))

    def gas_seen(**fields: str) -> int:
        return int(rpc("eth_call", {"to": contract, **fields}), 16)

    assert gas_seen(gas=hex(100_000)) == 100_000 - 21_000 - 2
    assert gas_seen() == gas_seen(gas=hex(10**12)) == GAS_CAP - 21_000 - 2
    with pytest.raises(RpcError, match="intrinsic gas too low"):
        gas_seen(gas=hex(20_000))


def test_a_call_without_end_runs_out_of_gas(evm: Evm, rpc: Client, sender: Sender) -> None:
    contract = hexed(sender.create(evm, LOOP))
    with pytest.raises(RpcError, match="out of gas") as caught:
        rpc("eth_call", {"to": contract, "gas": hex(200_000)})
    assert caught.value.code == -32000


def test_calls_change_nothing(evm: Evm, rpc: Client, sender: Sender) -> None:
    contract = hexed(sender.create(evm, STORE))
    head = rpc("eth_getBlockByNumber", "latest", False)
    rpc("eth_call", {"to": contract, "data": f"0x{7:064x}"}, "latest")
    rpc("eth_estimateGas", {"to": contract, "data": f"0x{7:064x}"})
    assert rpc("eth_getStorageAt", contract, "0x0", "latest") == f"0x{0:064x}"
    assert rpc("eth_getBlockByNumber", "latest", False) == head


def test_an_estimate_is_enough_and_not_much_more(evm: Evm, rpc: Client, sender: Sender) -> None:
    contract = sender.create(evm, STORE)
    data = (7).to_bytes(32)
    estimate = int(
        rpc("eth_estimateGas", {"from": hexed(sender.address), "to": hexed(contract), "data": hexed(data)}), 16
    )
    digest = rpc("eth_sendRawTransaction", hexed(sender.sign(contract, data, gas=estimate)))
    receipt = rpc("eth_getTransactionReceipt", digest)
    assert receipt["status"] == "0x1"
    assert int(receipt["gasUsed"], 16) <= estimate <= int(receipt["gasUsed"], 16) * 1.12
    assert int(rpc("eth_estimateGas", {"to": "0x" + "42" * 20, "value": "0x0"}), 16) == 21_000
    with pytest.raises(RpcError, match="insufficient funds"):
        rpc("eth_estimateGas", {"from": "0x" + "42" * 20, "to": "0x" + "43" * 20, "value": "0x1"})


def test_history_stays_readable(evm: Evm, rpc: Client, sender: Sender) -> None:
    contract = sender.create(evm, STORE)
    for value in (5, 6, 0):
        evm.send(sender.sign(contract, value.to_bytes(32)))
    values = {number: int(rpc("eth_getStorageAt", hexed(contract), "0x0", hex(number)), 16) for number in range(5)}
    assert values == {0: 0, 1: 0, 2: 5, 3: 6, 4: 0}
    old = rpc("eth_getBlockByNumber", "0x3", False)["hash"]
    by_hash = {"blockHash": old, "requireCanonical": True}
    assert rpc("eth_getStorageAt", hexed(contract), f"0x{0:064x}", by_hash) == f"0x{6:064x}"
    assert rpc("eth_getTransactionCount", hexed(sender.address), {"blockNumber": "0x2"}) == "0x2"
    assert rpc("eth_getCode", hexed(contract), "earliest") == "0x"
    assert rpc("eth_getCode", hexed(contract), "pending") == hexed(STORE)
    with pytest.raises(RpcError, match="header not found"):
        rpc("eth_call", {"to": hexed(contract)}, {"blockHash": "0x" + "77" * 32})


def test_time_is_the_walls_and_can_be_moved(sender: Sender) -> None:
    now = 1_800_000_000.0
    with chain_and_client(sender, clock=lambda: now) as (evm, rpc):
        clock = hexed(sender.create(evm, NOW))

        def block_time() -> int:
            return int(rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

        assert block_time() == int(now) + 1  # genesis has this very second
        now += 100
        assert int(rpc("eth_call", {"to": clock}, "latest"), 16) == block_time()
        assert int(rpc("eth_call", {"to": clock}, "pending"), 16) == int(now)
        rpc("evm_mine")
        assert block_time() == int(now)
        assert rpc("evm_increaseTime", 14 * 86_400 + 1) == hex(14 * 86_400 + 1)
        rpc("evm_mine")
        assert block_time() == int(now) + 14 * 86_400 + 1
        rpc("evm_mine", hex(int(now) + 20 * 86_400))
        assert block_time() == int(now) + 20 * 86_400
        rpc("evm_mine", 5)  # the past: time still rises
        assert block_time() == int(now) + 20 * 86_400 + 1


def test_logs_are_found_by_place_address_and_topic(evm: Evm, rpc: Client, sender: Sender) -> None:
    contract = hexed(sender.create(evm, LOG))
    for _ in range(2):
        evm.send(sender.sign(bytes.fromhex(contract[2:])))
    topic, other = f"0x{7:064x}", f"0x{8:064x}"

    def found(**fields: object) -> list[int]:
        return [int(log["blockNumber"], 16) for log in rpc("eth_getLogs", {"fromBlock": "earliest", **fields})]

    assert found() == found(address=contract) == found(address=[contract, "0x" + "00" * 20]) == [2, 3]
    assert found(topics=[topic]) == found(topics=[[other, topic]]) == found(topics=[None]) == [2, 3]
    assert found(topics=[other]) == found(topics=[None, topic]) == found(address="0x" + "00" * 20) == []
    assert found(toBlock="0x2") == [2]
    assert found(fromBlock="0x3") == [3]
    assert found(blockHash=hexed(evm.head.hash)) == [3]
    receipt = rpc("eth_getTransactionReceipt", rpc("eth_getBlockByNumber", "0x2", False)["transactions"][0])
    assert rpc("eth_getLogs", {"fromBlock": "0x2", "toBlock": "0x2"}) == receipt["logs"]


def test_many_readers_while_blocks_are_sealed(evm: Evm, rpc: Client, sender: Sender) -> None:
    contract = sender.create(evm, STORE)
    raws = [hexed(sender.sign(contract, number.to_bytes(32))) for number in range(1, 21)]
    call = {"to": hexed(contract), "data": f"0x{9:064x}"}

    def read(_: int) -> int:
        client = Client(rpc.url)
        block = client("eth_getBlockByNumber", "latest", False)
        assert header_hash(block) == block["hash"]
        assert client("eth_call", call, {"blockHash": block["hash"]}) == "0x"
        stored = int(client("eth_getStorageAt", hexed(contract), "0x0", {"blockHash": block["hash"]}), 16)
        client.close()
        assert stored == int(block["number"], 16) - 1
        return stored

    with ThreadPoolExecutor(20) as pool:
        reads = pool.map(read, range(60))
        for raw in raws:
            rpc("eth_sendRawTransaction", raw)
        assert all(0 <= stored <= 20 for stored in reads)
    assert int(rpc("eth_getStorageAt", hexed(contract), "0x0"), 16) == 20
