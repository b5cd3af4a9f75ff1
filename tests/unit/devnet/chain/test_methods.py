"""Methods of the embedded node over HTTP: history, logs, and readers while blocks are sealed."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from dipmp_lib.devnet.chain.evm import Evm
from dipmp_lib.errors import RpcError
from tests.support.systems.embedded_chain import LOG, STORE, Client, Sender, header_hash, hexed

pytestmark = pytest.mark.evm


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
