"""Calls and estimates: their results, their gas, and that they change nothing."""

import pytest

from dipmp_lib.devnet.chain.evm import Evm
from dipmp_lib.devnet.chain.execution import GAS_CAP
from dipmp_lib.errors import RpcError
from tests.support.systems.embedded_chain import GAS_LEFT, LOOP, REVERT, STORE, Client, Sender, hexed

pytestmark = pytest.mark.evm


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
