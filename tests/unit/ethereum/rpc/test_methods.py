"""JSON-RPC methods: what is sent, and which results are taken."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import MalformedAnswer
from dipmp_lib.ethereum.rpc import GAS, CheckedRpc, Rpc, block_number, chain_id, eth_call, eth_get_code
from dipmp_lib.ethereum.rpc.methods import newest_block_time, quantity, unhex


class Node:
    """Answers every request with one result."""

    def __init__(self, result: object) -> None:
        self.result = result
        self.asked: list[tuple[str, Sequence[object]]] = []

    def __str__(self) -> str:
        return "node"

    def request(self, method: str, params: Sequence[object]) -> object:
        self.asked.append((method, params))
        return self.result


def test_strict_hexadecimal() -> None:
    assert unhex("0x") == b""
    assert unhex("0xABcd") == b"\xab\xcd"
    assert [quantity(text) for text in ("0x0", "0x2105", "0xAb")] == [0, 8453, 0xAB]
    for bad in (
        None,
        1,
        "",
        "0",
        "abcd",
        "0xabc",
        "0Xab",
        "0x zz",
        "0xab cd",
        "0xab\n",
        "0x\u0660\u0660",
        ["0x"],
        b"0x",
    ):
        with pytest.raises(MalformedAnswer):
            unhex(bad)
    for bad in (None, 1, "", "0x", "0x00", "0x01", "-0x1", "0x" + "f" * 65, "0x1 ", "0xg", "1"):
        with pytest.raises(MalformedAnswer):
            quantity(bad)


@given(st.binary(max_size=100))
def test_any_bytes_come_back(data: bytes) -> None:
    assert unhex(f"0x{data.hex()}") == unhex(f"0x{data.hex().upper()}") == data


@given(st.integers(0, 2**256 - 1))
def test_any_quantity_comes_back(number: int) -> None:
    assert quantity(hex(number)) == number


def test_calls_are_bounded_by_gas_and_name_the_block() -> None:
    node = Node("0xab")
    assert eth_call(node, b"\x01" * 20, b"\x02", block={"blockHash": "0x" + "00" * 32}, gas=5) == b"\xab"
    assert eth_get_code(node, b"\x01" * 20) == b"\xab"
    call = {"to": "0x" + "01" * 20, "data": "0x02", "gas": "0x5"}
    assert node.asked[0] == ("eth_call", [call, {"blockHash": "0x" + "00" * 32}])
    assert node.asked[1] == ("eth_getCode", ["0x" + "01" * 20, "latest"])
    eth_call(node, b"", b"")
    assert node.asked[2][1] == [{"to": "0x", "data": "0x", "gas": hex(GAS)}, "latest"]


@pytest.mark.parametrize(("ask", "method"), [(chain_id, "eth_chainId"), (block_number, "eth_blockNumber")])
def test_numbers(ask: Callable[[Rpc], int], method: str) -> None:
    node = Node("0x2105")
    assert ask(node) == 8453
    assert node.asked == [(method, [])]
    with pytest.raises(MalformedAnswer):
        ask(Node("8453"))


def test_the_time_of_the_newest_block() -> None:
    node = Node({"timestamp": "0x6553f100", "number": "0x1"})
    assert newest_block_time(node) == 1_700_000_000
    assert node.asked == [("eth_getBlockByNumber", ["latest", False])]
    results: list[object] = [None, [], "0x1", {}, {"timestamp": 1_700_000_000}]
    for odd in results:
        with pytest.raises(MalformedAnswer):
            newest_block_time(Node(odd))


@pytest.mark.parametrize(
    ("method", "good", "bad"),
    [
        ("eth_call", "0x00", "0x0"),
        ("eth_getCode", "0x", None),
        ("eth_chainId", "0x1", "0x01"),
        ("eth_blockNumber", "0x0", "0x"),
    ],
)
def test_results_of_another_type_are_malformed(method: str, good: object, bad: object) -> None:
    rpc = CheckedRpc(Node(good))
    assert str(rpc) == "node"
    assert rpc.request(method, []) == good
    with pytest.raises(MalformedAnswer):
        CheckedRpc(Node(bad)).request(method, [])


def test_results_of_other_methods_pass() -> None:
    assert CheckedRpc(Node(None)).request("eth_getTransactionReceipt", ["0x"]) is None
