"""Fees: what is offered, what a replacement offers, their limits, and amounts of money as text."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import (
    Reverted,
    TransactionError,
)
from dipmp_lib.keccak import keccak256
from dipmp_lib.transactions import Quote, format_money, parse_money
from dipmp_lib.transactions.fees import Fees, check_funds, data_fee, fees_within
from tests.support.fakes.node import BASE_FEE
from tests.support.systems.sending import CLAIM, SendingSystem


@pytest.fixture
def system() -> SendingSystem:
    return SendingSystem()


@pytest.mark.parametrize(
    ("base_fee", "gas_price", "tip", "expected"),
    [
        (None, 7, None, Fees(7, None)),
        (100, 130, 5, Fees(205, 5)),
        (100, 130, None, Fees(230, 30)),
        (100, 90, None, Fees(200, 0)),
        (0, 0, 0, Fees(0, 0)),
    ],
)
def test_fees(base_fee: int | None, gas_price: int, tip: int | None, expected: Fees) -> None:
    assert Fees.suggest(base_fee=base_fee, gas_price=gas_price, tip=tip) == expected


FEES = st.integers(0, 10**14)


@given(FEES, FEES, FEES, FEES, st.integers(0, 10**15))
def test_replacements_raise_both_fees_by_a_tenth_or_are_none(
    old_base: int, old_tip: int, base: int, tip: int, limit: int
) -> None:
    old, now = Fees(2 * old_base + old_tip, old_tip), Fees(2 * base + tip, tip)
    new = now.replacing(old, limit)
    if new is None:
        return
    assert new.tip is not None
    assert 10 * new.max_fee >= 11 * old.max_fee
    assert 10 * new.tip >= 11 * old_tip
    assert new.max_fee > old.max_fee
    assert new.tip <= new.max_fee <= limit


@pytest.mark.parametrize(
    ("wei", "chain", "text"),
    [
        (0, 1, "0 ETH"),
        (10**18, 1, "1 ETH"),
        (1234567890123456, 8453, "0.00123457 ETH"),
        (25 * 10**18, 137, "25 POL"),
        (1, 1, "0.000000000000000001 ETH"),
        (10**24, 1, "1000000 ETH"),
    ],
)
def test_money(wei: int, chain: int, text: str) -> None:
    assert format_money(wei, chain) == text


@pytest.mark.parametrize(("text", "wei"), [("0", 0), ("1", 10**18), ("0.002", 2 * 10**15), ("0." + "0" * 17 + "1", 1)])
def test_amounts(text: str, wei: int) -> None:
    assert parse_money(text) == wei


@pytest.mark.parametrize("text", ["", "-1", "1e3", ".5", "5.", "1 ETH", "nan", "1" * 21, "0." + "1" * 19, "\u0661"])
def test_texts_that_are_no_amounts(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        parse_money(text)


UPPER_BOUND = keccak256(b"getL1FeeUpperBound(uint256)")[:4].hex()


FEE = keccak256(b"getL1Fee(bytes)")[:4].hex()


@pytest.mark.parametrize(
    ("oracle", "selector"),
    [
        ("0x420000000000000000000000000000000000000f", UPPER_BOUND),
        ("0x420000000000000000000000000000000000000f", FEE),
        ("0x5300000000000000000000000000000000000002", FEE),
    ],
)
def test_data_fees_are_part_of_the_cost(system: SendingSystem, oracle: str, selector: str) -> None:
    def call(params: Sequence[Any]) -> object:
        if params[0]["to"] == oracle:
            return f"0x{10**14:064x}" if params[0]["data"].startswith(f"0x{selector}") else "0x"
        return system.node._eth_call(*params)

    system.node.answers["eth_call"] = call
    quote = system.writer().quote([CLAIM])
    assert quote.data_fee == 10**14
    assert quote.cost == quote.gas[0] * quote.max_fee + 10**14
    with pytest.raises(TransactionError, match=r"more than the 0\.0001 ETH"):
        system.writer(max_cost=10**14).quote([CLAIM])


def test_a_rollups_receipt_counts_its_data(system: SendingSystem) -> None:
    def receipt_of(params: Sequence[Any]) -> object:
        system.node.mine()
        return system.node.receipts[params[0]] | {"l1Fee": "0x5"}

    system.node.answers["eth_getTransactionReceipt"] = receipt_of
    receipt = system.send()
    assert receipt.cost == receipt.gas_used * (BASE_FEE + 10**6) + 5


@given(st.integers(0, 10**26 - 1))
def test_a_round_amount_is_read_as_it_was_written(units: int) -> None:
    wei = units * 10**12
    assert parse_money(f"{wei // 10**18}.{wei % 10**18:018}") == wei


def test_fees_are_cut_to_the_limit_but_not_below_the_base_fee() -> None:
    fees = Fees.suggest(base_fee=100, gas_price=0, tip=7)
    assert fees == Fees(207, 7)
    assert fees.at_most(207) is fees
    assert fees.at_most(107) == Fees(107, 7)
    assert fees.at_most(106) is None
    assert Fees(207, None).at_most(206) is None


def test_a_legacy_price_is_replaced_by_a_tenth_more_at_least() -> None:
    assert Fees(80, None).replacing(Fees(80, None), 1_000) == Fees(90, None)
    assert Fees(80, None).replacing(Fees(80, None), 88) == Fees(88, None)
    assert Fees(80, None).replacing(Fees(80, None), 87) is None


def test_the_fields_of_a_transaction() -> None:
    assert Fees(9, None).fields == {"gasPrice": 9}
    assert Fees(9, 2).fields == {"type": 2, "maxFeePerGas": 9, "maxPriorityFeePerGas": 2}


def test_fees_within_a_limit() -> None:
    fees = Fees(207, 7)
    assert fees_within(fees, 10, 5, None, 1) is fees
    assert fees_within(fees, 0, 5, 0, 1) is fees
    assert fees_within(fees, 10, 5, 2_075, 1) == fees
    assert fees_within(fees, 10, 5, 1_075, 1) == Fees(107, 7)
    with pytest.raises(TransactionError, match=r"this can cost up to .* more than the .* that it may cost"):
        fees_within(fees, 10, 5, 1_074, 1)
    with pytest.raises(TransactionError, match="more than the 0 ETH"):
        fees_within(fees, 10, 5, -1, 1)


def test_an_account_has_to_hold_the_whole_cost() -> None:
    check_funds(Quote(gas=(3,), max_fee=10, balance=35, data_fee=5), bytes(20), 1)
    with pytest.raises(TransactionError, match=r"holds 0\.000000000000000034 ETH") as caught:
        check_funds(Quote(gas=(3,), max_fee=10, balance=34, data_fee=5), bytes(20), 1)
    assert caught.value.hint == "send it 0.000000000000000001 ETH on chain 1"


def test_a_chain_without_oracles_charges_nothing_for_data() -> None:
    class Silent:
        def request(self, _method: str, _params: Sequence[Any]) -> object:
            return "0x"

    class Refusing:
        def request(self, _method: str, _params: Sequence[Any]) -> object:
            raise Reverted("execution reverted")

    assert data_fee(Silent(), b"x") == data_fee(Refusing(), b"x") == 0
