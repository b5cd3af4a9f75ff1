"""Transactions that are dropped, stuck, outgrown, orphaned or not final."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from dipmp_lib.errors import (
    JournalError,
    RpcError,
    TransactionError,
)
from dipmp_lib.transactions import format_money
from dipmp_lib.transactions.confirm import Waits
from dipmp_lib.transactions.fees import Fees
from dipmp_lib.transactions.signed import Signed
from tests.support.fakes.mempool_node import MempoolNode
from tests.support.fakes.node import BASE_FEE, GAS
from tests.support.systems.sending import (
    APPEND,
    CLAIM,
    SendingSystem,
    nothing,
    raise_base_fee,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def system() -> SendingSystem:
    return SendingSystem()


def test_P9_what_is_on_chain_needs_no_record_of_its_end(system: SendingSystem) -> None:  # noqa: N802
    real = system.journal.record

    def full(kind: str, /, **facts: str | int | None) -> None:
        if kind == "ended":
            raise JournalError("no space")
        real(kind, **facts)

    system.journal.record = full  # type: ignore[method-assign]
    system.send(system.node.mine)
    assert system.kinds() == ["signed"]
    system.journal.record = real  # type: ignore[method-assign]
    assert system.writer().settle()
    assert system.kinds() == ["signed", "ended"]
    assert system.entries() == 2


def test_P5_dropped_is_sent_again_byte_for_byte(system: SendingSystem) -> None:  # noqa: N802
    system.send(system.node.drop, nothing, system.node.drop, nothing, system.node.mine)
    assert len(system.node.offered) == 3
    assert len(set(system.node.offered)) == 1
    assert system.kinds() == ["signed", "ended"]


def test_P4_outgrown_by_the_base_fee(system: SendingSystem) -> None:  # noqa: N802
    receipt = system.send(raise_base_fee(system, 10), *[nothing] * 12, system.node.mine, max_cost=10**18)
    first, second = system.node.offers()
    assert (first.nonce, first.call, first.gas) == (second.nonce, second.call, second.gas)
    assert second.fees == Fees(20 * BASE_FEE + 10**6, 1_125_000)
    assert receipt.transaction == second.identity
    assert system.now < 30
    [said] = system.said
    assert said.startswith(
        f"the transaction 0x{first.identity.hex()} is stuck: replaced by 0x{second.identity.hex()}, "
    )
    assert said.endswith(f"which offers up to {format_money(second.fees.max_fee * second.gas, 1337)}")


@pytest.mark.slow
def test_P4_dropped_because_it_pays_too_little(system: SendingSystem) -> None:  # noqa: N802
    """The node does not take the same bytes again."""
    node = system.node

    def outgrow() -> None:
        node.base_fee = 10 * BASE_FEE
        node.drop()
        node.answers["eth_sendRawTransaction"] = picky

    def picky(params: Sequence[Any]) -> object:
        if Signed.from_raw(bytes.fromhex(params[0][2:])).fees.max_fee < node.base_fee:
            raise RpcError("max fee per gas less than block base fee", code=-32000)
        return node._eth_sendRawTransaction(params[0])

    system.send(outgrow, *[nothing] * 12, node.mine, max_cost=10**18)
    first, second = node.offers()
    assert first.nonce == second.nonce
    assert system.entries() == 2


@pytest.mark.slow
def test_P4_not_included_for_a_minute(system: SendingSystem) -> None:  # noqa: N802
    with pytest.raises(TransactionError, match="not included within 300 s"):
        system.send(max_cost=10**18)
    offers = [signed.fees for signed in system.node.offers()]
    assert len(offers) == 6
    for old, new in pairwise(offers):
        assert (10 * new.max_fee, 10 * (new.tip or 0)) >= (11 * old.max_fee, 11 * (old.tip or 0))
    assert system.kinds() == ["signed"] * 6


def test_P4_never_above_the_limit(system: SendingSystem) -> None:  # noqa: N802
    limit = 5 * BASE_FEE * GAS * 6 // 5
    with pytest.raises(TransactionError, match="was sent, but not included") as caught:
        system.send(raise_base_fee(system, 100), max_cost=limit)
    assert all(signed.fees.max_fee * signed.gas <= limit for signed in system.node.offers())
    assert len(system.node.offers()) == 2  # once up to the limit, and then no further
    assert any("may not cost more than 0.0009 ETH: it is not replaced" in text for text in system.said)
    assert "with a higher --max-cost than 0.0009 ETH it is replaced" in caught.value.hint


def test_P4_without_a_limit_the_quote_is_one(system: SendingSystem) -> None:  # noqa: N802
    writer = system.writer()
    writer.settle()
    quote = writer.quote([CLAIM])
    system.node.base_fee = 10 * BASE_FEE
    with pytest.raises(TransactionError, match=r"more than the 0\.00036018 ETH that it may cost"):
        writer.send(CLAIM)
    assert system.node.offered == []
    system.node.base_fee = BASE_FEE * 3 // 2
    system.node.turns = [nothing, system.node.mine]
    writer.send(CLAIM)
    [signed] = system.node.offers()
    assert signed.fees.max_fee * signed.gas <= quote.cost


def test_P4_whichever_is_included_counts(system: SendingSystem) -> None:  # noqa: N802
    def include_the_first() -> None:
        [first, _] = system.node.offers()
        system.node.pool = {f"0x{first.identity.hex()}": first.raw}
        system.node.base_fee = BASE_FEE
        system.node.mine()

    receipt = system.send(raise_base_fee(system, 10), *[nothing] * 12, include_the_first, max_cost=10**18)
    assert receipt.transaction == system.node.offers()[0].identity
    assert system.entries() == 2


@pytest.mark.slow
def test_a_legacy_chain_gets_a_higher_price() -> None:
    system = SendingSystem(MempoolNode(legacy=True))
    system.send(*[nothing] * 120, system.node.mine, max_cost=10**18)
    first, second, *_ = system.node.offers()
    assert second.fees.max_fee * 8 >= first.fees.max_fee * 9
    assert second.fees.tip is None


def test_R9_orphaned_before_it_is_final(system: SendingSystem) -> None:  # noqa: N802
    def finalize() -> None:
        system.node.final = 5

    node = system.node
    receipt = system.send(
        node.mine, nothing, node.roll_back, nothing, node.mine, nothing, finalize, waits=Waits(finality="finalized")
    )
    assert receipt.block == 1
    assert len(node.offered) == 2
    assert len(set(node.offered)) == 1
    assert "is no longer part of the chain: sending it again" in system.said[0]


@pytest.mark.slow
def test_not_final_in_time(system: SendingSystem) -> None:
    with pytest.raises(TransactionError, match="is included, but not safe within 3600 s"):
        system.send(system.node.mine, waits=Waits(finality="safe"))
    assert system.kinds() == ["signed"]
    system.node.final = 1
    assert system.writer(waits=Waits(finality="safe")).settle()
    assert system.kinds() == ["signed", "ended"]


def test_a_chain_without_finality(system: SendingSystem) -> None:
    def blocks(params: Sequence[Any]) -> object:
        if params[0] == "safe":
            raise RpcError("unknown block", code=-39001)
        return system.node._eth_getBlockByNumber(*params)

    system.node.answers["eth_getBlockByNumber"] = blocks
    with pytest.raises(TransactionError, match="do not say which block is safe") as caught:
        system.send(waits=Waits(finality="safe"))
    assert caught.value.hint == "use --finality latest"
    assert system.node.offered == []


@pytest.mark.slow
def test_spending_counts_against_the_limit(system: SendingSystem) -> None:
    writer = system.writer(max_cost=5 * 10**14)
    writer.settle()
    system.node.turns = [system.node.mine]
    writer.send(CLAIM)
    system.node.turns = [system.node.mine]
    writer.send(APPEND)
    system.node.turns = [system.node.mine]
    writer.send(APPEND)
    with pytest.raises(TransactionError, match="that it may cost"):
        writer.send(APPEND)
    assert Signed.from_raw(system.node.offered[-1]).nonce == 2
