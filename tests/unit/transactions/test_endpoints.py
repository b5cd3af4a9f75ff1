"""A chain's endpoints: receipts and nonces that several of them have to agree on."""

from collections.abc import Sequence
from typing import Any

import pytest

from dipmp_lib.errors import (
    MalformedAnswer,
    RpcError,
    TransactionError,
)
from dipmp_lib.transactions.endpoints import SeenReceipt, WriterEndpoints
from tests.support.fakes.mempool_node import MempoolNode
from tests.support.fakes.node import GAS
from tests.support.systems.sending import (
    SendingSystem,
    nothing,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def system() -> SendingSystem:
    return SendingSystem()


class Forger:
    """An endpoint that says of every transaction that it is included, and passes none on."""

    def __init__(self, node: MempoolNode) -> None:
        self._node = node

    def request(self, method: str, params: Sequence[Any]) -> object:
        if method == "eth_sendRawTransaction":
            return "0x" + "00" * 32
        if method == "eth_getTransactionReceipt":
            forged = {"blockHash": "0x" + "bb" * 32, "blockNumber": "0x1", "status": "0x1"}
            return {**forged, "gasUsed": "0x1", "effectiveGasPrice": "0x1"}
        return self._node.request(method, params)


class Dead:
    """An endpoint that cannot be asked."""

    def request(self, _method: str, _params: Sequence[Any]) -> object:
        raise RpcError("refused")


def test_P6_a_receipt_takes_two_endpoints(system: SendingSystem) -> None:  # noqa: N802
    node = system.node
    receipt = system.send(*[nothing] * 4, node.mine, endpoints=[Forger(node), node, node])
    assert receipt.gas_used == GAS - 10_000
    assert system.entries() == 2


def test_P6_two_endpoints_that_contradict_each_other_end_nothing(system: SendingSystem) -> None:  # noqa: N802
    with pytest.raises(TransactionError, match=r"not included within 300 s \(endpoints disagree on the receipt of 0x"):
        system.send(nothing, system.node.mine, endpoints=[Forger(system.node), system.node])
    assert system.kinds() == ["signed"]
    assert system.writer().settle()
    assert system.entries() == 2


def test_endpoints_that_cannot_be_asked_do_not_count(system: SendingSystem) -> None:
    system.send(nothing, system.node.mine, endpoints=[Dead(), system.node])
    assert system.entries() == 2


def test_P6_a_forged_receipt_is_taken_back_by_those_who_know(system: SendingSystem) -> None:  # noqa: N802
    system.send(endpoints=[Forger(system.node)])
    assert system.kinds() == ["signed", "ended"]
    assert system.node.offered == []
    system.node.turns = [nothing, nothing, system.node.mine]
    assert system.writer().settle()
    assert system.entries() == 2
    assert f"0x{system.node.offered[0].hex()}" == system.facts("signed")[0]["raw"]


class Answers:
    """An endpoint that answers each method with one value, or raises it."""

    def __init__(self, **answers: object) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def request(self, method: str, _params: Sequence[Any]) -> object:
        self.asked.append(method)
        answer = self.answers[method]
        if isinstance(answer, Exception):
            raise answer
        return answer


RECEIPT = {
    "blockHash": "0x" + "aa" * 32,
    "blockNumber": "0x7",
    "status": "0x1",
    "gasUsed": "0x10",
    "effectiveGasPrice": "0x3",
}


def counting(*counts: int | Exception) -> WriterEndpoints:
    answers = [count if isinstance(count, Exception) else hex(count) for count in counts]
    return WriterEndpoints([Answers(eth_getTransactionCount=each) for each in answers])


@pytest.mark.parametrize(
    ("counts", "included", "waiting"),
    [((5,), 5, 5), ((9, 5), 5, 9), ((9, 5, 7), 7, 9), ((9, RpcError("down")), 9, 9)],
)
def test_included_is_the_second_highest_count_and_waiting_the_highest(
    counts: tuple[int | Exception, ...], included: int, waiting: int
) -> None:
    assert counting(*counts).included(bytes(20)) == included
    assert counting(*counts).waiting(bytes(20)) == waiting


def test_where_none_can_be_asked_the_first_error_is_raised() -> None:
    with pytest.raises(RpcError, match="first"):
        counting(RpcError("first"), RpcError("second")).included(bytes(20))


def test_one_endpoint_that_takes_a_transaction_is_enough() -> None:
    dead, alive = Answers(eth_sendRawTransaction=RpcError("no")), Answers(eth_sendRawTransaction="0x00")
    WriterEndpoints([dead, alive]).broadcast(b"\x02")
    assert dead.asked == alive.asked == ["eth_sendRawTransaction"]
    with pytest.raises(RpcError, match="no"):
        WriterEndpoints([dead]).broadcast(b"\x02")


def test_a_receipt_has_its_block_and_its_cost() -> None:
    [plain] = [WriterEndpoints([Answers(eth_getTransactionReceipt=RECEIPT)]).receipt(bytes(32))]
    assert plain == SeenReceipt(block=7, block_hash=bytes.fromhex("aa" * 32), succeeded=True, gas_used=16, cost=48)
    on_a_rollup = WriterEndpoints([Answers(eth_getTransactionReceipt=RECEIPT | {"l1Fee": "0x5", "status": "0x0"})])
    found = on_a_rollup.receipt(bytes(32))
    assert found is not None
    assert (found.succeeded, found.cost) == (False, 53)


@pytest.mark.parametrize(
    ("answers", "agreed"),
    [
        ((None, None), False),
        ((RECEIPT, None), False),
        ((RECEIPT, RECEIPT), True),
        ((RECEIPT, None, RECEIPT), True),
        ((RECEIPT, RpcError("down")), True),
    ],
)
def test_a_receipt_takes_two_of_several(answers: tuple[object, ...], *, agreed: bool) -> None:
    endpoints = WriterEndpoints([Answers(eth_getTransactionReceipt=each) for each in answers])
    assert (endpoints.receipt(bytes(32)) is not None) is agreed


def test_heights_and_genesis() -> None:
    blocks: list[object] = [{"number": "0x9"}, {"number": "0x5"}]
    assert WriterEndpoints([Answers(eth_getBlockByNumber=each) for each in blocks]).height("safe") == 5
    first = {"hash": "0x" + "01" * 32}
    assert WriterEndpoints([Answers(eth_getBlockByNumber=each) for each in (None, first)]).genesis() == first["hash"]
    assert WriterEndpoints([Answers(eth_getBlockByNumber=None)]).genesis() == ""


@pytest.mark.parametrize("answer", ["x", [], 7, {}, RECEIPT | {"gasUsed": None}, RECEIPT | {"blockHash": "0xzz"}])
def test_malformed_receipts_count_as_no_answer(answer: object) -> None:
    with pytest.raises(MalformedAnswer):
        WriterEndpoints([Answers(eth_getTransactionReceipt=answer)]).receipt(bytes(32))
    both = WriterEndpoints([Answers(eth_getTransactionReceipt=each) for each in (answer, RECEIPT)])
    assert both.receipt(bytes(32)) is not None
