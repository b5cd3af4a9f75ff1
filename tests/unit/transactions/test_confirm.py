"""What the writer does about transactions that are dropped, stuck, orphaned, overtaken or left behind."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import JournalError, RpcError, SignerError, TransactionError
from dipmp_lib.ethereum.rpc import Rpc
from dipmp_lib.keccak import keccak256
from dipmp_lib.model.names import ProjectName, RegistryAddress, checksum_address
from dipmp_lib.secret import Secret
from dipmp_lib.transactions import Call, Receipt, format_money, parse_money
from dipmp_lib.transactions.chain_writer import ChainWriter
from dipmp_lib.transactions.confirm import SendOptions, Waits
from dipmp_lib.transactions.fees import Fees
from dipmp_lib.transactions.journal import MemoryJournal
from dipmp_lib.transactions.signed import take_apart
from dipmp_lib.transactions.signers import KeySigner, Signer
from tests.support.fakes.mempool_node import MempoolNode
from tests.support.fakes.node import BASE_FEE, GAS, REGISTRY

SIGNER = KeySigner(Secret(bytes.fromhex("4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d")))
ADDRESS = checksum_address(SIGNER.address)
DEMO = ProjectName("demo")
CLAIM = Call.claim(DEMO, SIGNER.address, b"\x00payload")
APPEND = Call.append(DEMO, 1, b"\x00second")


class Killed(BaseException):
    """The process ends here."""


class Desk:
    """A node, a journal that outlives writers, and a clock that sleeping moves."""

    def __init__(self, node: MempoolNode | None = None) -> None:
        self.node = node or MempoolNode()
        self.journal = MemoryJournal()
        self.now = 0.0
        self.said: list[str] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def writer(self, *, endpoints: Sequence[Rpc] = (), signer: Signer = SIGNER, **manner: Any) -> ChainWriter:  # noqa: ANN401
        chosen = SendOptions(
            endpoints=endpoints or [self.node],
            books=lambda *_: self.journal,
            tell=self.said.append,
            clock=lambda: self.now,
            sleep=self.sleep,
            **manner,
        )
        return ChainWriter(self.node, RegistryAddress(REGISTRY), signer, manner=chosen)

    def send(self, *turns: Any, call: Call = CLAIM, **manner: Any) -> Receipt:  # noqa: ANN401
        """Send one call on a fresh writer, while things happen."""
        self.node.turns = list(turns)
        writer = self.writer(**manner)
        writer.settle()
        return writer.send(call)

    def die(self, *turns: Any, call: Call = CLAIM) -> None:  # noqa: ANN401
        """Send one call, and be killed when these things have happened."""

        def kill() -> None:
            raise Killed

        with pytest.raises(Killed):
            self.send(*turns, kill, call=call)

    def kinds(self) -> list[str]:
        return [record.kind for record in self.journal.records()]

    def entries(self) -> int:
        return len(self.node.model.entries("demo"))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def nothing() -> None:
    pass


def test_it_is_journaled_before_it_is_sent(desk: Desk) -> None:
    def sent(params: Sequence[Any]) -> object:
        assert desk.kinds() == ["signed"]
        assert desk.journal.facts("signed")[0]["raw"] == params[0]
        del desk.node.answers["eth_sendRawTransaction"]
        return desk.node.request("eth_sendRawTransaction", params)

    desk.node.answers["eth_sendRawTransaction"] = sent
    desk.send(desk.node.mine)
    assert desk.kinds() == ["signed", "ended"]


def test_P9_what_cannot_be_journaled_is_not_sent(desk: Desk) -> None:  # noqa: N802
    def full(*_: object, **__: object) -> None:
        raise JournalError("no space")

    desk.journal.record = full  # type: ignore[method-assign]
    with pytest.raises(JournalError):
        desk.send()
    assert desk.node.offered == []


def test_P9_what_is_on_chain_needs_no_record_of_its_end(desk: Desk) -> None:  # noqa: N802
    real = desk.journal.record

    def full(kind: str, /, **facts: str | int | None) -> None:
        if kind == "ended":
            raise JournalError("no space")
        real(kind, **facts)

    desk.journal.record = full  # type: ignore[method-assign]
    desk.send(desk.node.mine)
    assert desk.kinds() == ["signed"]
    desk.journal.record = real  # type: ignore[method-assign]
    assert desk.writer().settle()
    assert desk.kinds() == ["signed", "ended"]
    assert desk.entries() == 2


def test_P5_dropped_is_sent_again_byte_for_byte(desk: Desk) -> None:  # noqa: N802
    desk.send(desk.node.drop, nothing, desk.node.drop, nothing, desk.node.mine)
    assert len(desk.node.offered) == 3
    assert len(set(desk.node.offered)) == 1
    assert desk.kinds() == ["signed", "ended"]


def raise_base_fee(desk: Desk, times: int) -> Any:  # noqa: ANN401
    def change() -> None:
        desk.node.base_fee = times * BASE_FEE

    return change


def test_P4_outgrown_by_the_base_fee(desk: Desk) -> None:  # noqa: N802
    receipt = desk.send(raise_base_fee(desk, 10), *[nothing] * 12, desk.node.mine, max_cost=10**18)
    first, second = desk.node.offers()
    assert (first.nonce, first.call, first.gas) == (second.nonce, second.call, second.gas)
    assert second.fees == Fees(20 * BASE_FEE + 10**6, 1_125_000)
    assert receipt.transaction == second.identity
    assert desk.now < 30
    [said] = desk.said
    assert said.startswith(
        f"the transaction 0x{first.identity.hex()} is stuck: replaced by 0x{second.identity.hex()}, "
    )
    assert said.endswith(f"which offers up to {format_money(second.fees.max_fee * second.gas, 1337)}")


def test_P4_dropped_because_it_pays_too_little(desk: Desk) -> None:  # noqa: N802
    """The node does not take the same bytes again."""
    node = desk.node

    def outgrow() -> None:
        node.base_fee = 10 * BASE_FEE
        node.drop()
        node.answers["eth_sendRawTransaction"] = picky

    def picky(params: Sequence[Any]) -> object:
        if take_apart(bytes.fromhex(params[0][2:])).fees.max_fee < node.base_fee:
            raise RpcError("max fee per gas less than block base fee", code=-32000)
        return node._eth_sendRawTransaction(params[0])

    desk.send(outgrow, *[nothing] * 12, node.mine, max_cost=10**18)
    first, second = node.offers()
    assert first.nonce == second.nonce
    assert desk.entries() == 2


def test_P4_not_included_for_a_minute(desk: Desk) -> None:  # noqa: N802
    with pytest.raises(TransactionError, match="not included within 300 s"):
        desk.send(max_cost=10**18)
    offers = [signed.fees for signed in desk.node.offers()]
    assert len(offers) == 6
    for old, new in pairwise(offers):
        assert (10 * new.max_fee, 10 * (new.tip or 0)) >= (11 * old.max_fee, 11 * (old.tip or 0))
    assert desk.kinds() == ["signed"] * 6


def test_P4_never_above_the_limit(desk: Desk) -> None:  # noqa: N802
    limit = 5 * BASE_FEE * GAS * 6 // 5
    with pytest.raises(TransactionError, match="was sent, but not included") as caught:
        desk.send(raise_base_fee(desk, 100), max_cost=limit)
    assert all(signed.fees.max_fee * signed.gas <= limit for signed in desk.node.offers())
    assert len(desk.node.offers()) == 2  # once up to the limit, and then no further
    assert any("may not cost more than 0.0009 ETH: it is not replaced" in text for text in desk.said)
    assert "with a higher --max-cost than 0.0009 ETH it is replaced" in caught.value.hint


def test_P4_without_a_limit_the_quote_is_one(desk: Desk) -> None:  # noqa: N802
    writer = desk.writer()
    writer.settle()
    quote = writer.quote([CLAIM])
    desk.node.base_fee = 10 * BASE_FEE
    with pytest.raises(TransactionError, match=r"more than the 0\.00036018 ETH that it may cost"):
        writer.send(CLAIM)
    assert desk.node.offered == []
    desk.node.base_fee = BASE_FEE * 3 // 2
    desk.node.turns = [nothing, desk.node.mine]
    writer.send(CLAIM)
    [signed] = desk.node.offers()
    assert signed.fees.max_fee * signed.gas <= quote.cost


def test_P4_whichever_is_included_counts(desk: Desk) -> None:  # noqa: N802
    def include_the_first() -> None:
        [first, _] = desk.node.offers()
        desk.node.pool = {f"0x{first.identity.hex()}": first.raw}
        desk.node.base_fee = BASE_FEE
        desk.node.mine()

    receipt = desk.send(raise_base_fee(desk, 10), *[nothing] * 12, include_the_first, max_cost=10**18)
    assert receipt.transaction == desk.node.offers()[0].identity
    assert desk.entries() == 2


def test_a_legacy_chain_gets_a_higher_price() -> None:
    desk = Desk(MempoolNode(legacy=True))
    desk.send(*[nothing] * 120, desk.node.mine, max_cost=10**18)
    first, second, *_ = desk.node.offers()
    assert second.fees.max_fee * 8 >= first.fees.max_fee * 9
    assert second.fees.tip is None


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


def test_P1_killed_after_signing(desk: Desk) -> None:  # noqa: N802
    desk.node.answers["eth_sendRawTransaction"] = _kill
    with pytest.raises(Killed):
        desk.send()
    desk.node.answers.clear()
    desk.node.turns = [nothing, desk.node.mine]
    assert desk.writer().settle()
    assert desk.kinds() == ["signed", "ended"]
    assert desk.entries() == 2
    assert len(desk.node.offered) == 1
    assert not desk.writer().settle()


def _kill(_: object) -> None:
    raise Killed


@pytest.mark.parametrize("fate", ["waits", "included", "dropped"])
def test_P1_killed_while_waiting(desk: Desk, fate: str) -> None:  # noqa: N802
    desk.die(nothing)
    {"waits": nothing, "included": desk.node.mine, "dropped": desk.node.drop}[fate]()
    desk.node.turns = [nothing, desk.node.mine]
    assert desk.writer().settle()
    assert desk.entries() == 2
    assert len(desk.node.offers()) == 1
    assert desk.said == [f"going on with the transaction 0x{desk.node.offers()[0].identity.hex()} (claim demo)"]


def test_sending_without_settling_first_finishes_the_old_and_stops(desk: Desk) -> None:
    """The caller planned before it knew: what it wants to send may be on chain by now."""
    desk.die(nothing)
    desk.node.mine()
    with pytest.raises(TransactionError, match="had to be finished first; nothing else was sent"):
        desk.writer().send(APPEND)
    assert len(desk.node.offers()) == 1
    desk.send(nothing, desk.node.mine, call=APPEND)
    assert desk.entries() == 3


def test_what_would_fail_by_now_gives_its_nonce_to_the_next(desk: Desk) -> None:
    desk.die(nothing)
    desk.node.drop()
    desk.node.model.claim(bytes(range(1, 21)), desk.node.time, "demo", SIGNER.address, b"")
    receipt = desk.send(nothing, desk.node.mine, call=APPEND)
    first, second = desk.node.offers()
    assert (first.nonce, second.nonce) == (0, 0)
    assert receipt.transaction == second.identity
    assert "would fail by now (claim demo): it is not sent" in desk.said[0]
    assert not desk.writer().settle()


def test_the_old_one_may_still_win_the_nonce(desk: Desk) -> None:
    """It was given up, but some node had kept it."""
    desk.die(nothing)
    [old] = desk.node.offers()
    desk.node.drop()
    desk.node.model.claim(bytes(range(1, 21)), desk.node.time, "demo", SIGNER.address, b"")

    def include_the_old() -> None:
        identity = f"0x{old.identity.hex()}"
        desk.node.drop()
        desk.node.nonces[ADDRESS.lower()] = 1
        desk.node.receipts[identity] = {
            "blockHash": "0x" + "07" * 32,
            "blockNumber": "0x1",
            "status": "0x0",
            "gasUsed": hex(GAS),
            "effectiveGasPrice": hex(BASE_FEE),
        }

    with pytest.raises(TransactionError, match="its nonce 0 was used by another one"):
        desk.send(nothing, include_the_old, call=APPEND)
    assert desk.kinds() == ["signed", "signed", "ended"]
    desk.send(nothing, desk.node.mine, call=APPEND)
    assert desk.node.offers()[-1].nonce == 1


def test_a_rejected_transaction_stays_open_and_is_tried_again(desk: Desk) -> None:
    desk.node.answers["eth_sendRawTransaction"] = RpcError("busy", code=-32000)
    with pytest.raises(TransactionError, match="was not accepted: busy"):
        desk.send()
    assert desk.kinds() == ["signed"]
    desk.node.answers.clear()
    desk.node.turns = [nothing, desk.node.mine]
    assert desk.writer().settle()
    assert desk.entries() == 2


def test_P3_foreign_transactions_are_not_sent_over(desk: Desk) -> None:  # noqa: N802
    desk.node.answers["eth_getTransactionCount"] = lambda params: "0x7" if params[1] == "pending" else "0x4"
    with pytest.raises(TransactionError, match=r"not sent from here \(nonces 4 to 6\); nothing was sent"):
        desk.send()
    assert desk.node.offered == []
    assert desk.kinds() == []


def test_P3_a_nonce_that_somebody_else_took_meanwhile(desk: Desk) -> None:  # noqa: N802
    with pytest.raises(TransactionError, match="will never be included: its nonce 0 was used by another one of 0x"):
        desk.send(nothing, desk.node.use_nonce)
    assert desk.journal.facts("ended")[0]["hash"] == "another"
    desk.send(nothing, desk.node.mine)
    assert desk.node.offers()[-1].nonce == 1


def test_R9_orphaned_before_it_is_final(desk: Desk) -> None:  # noqa: N802
    def finalize() -> None:
        desk.node.final = 5

    node = desk.node
    receipt = desk.send(
        node.mine, nothing, node.roll_back, nothing, node.mine, nothing, finalize, rules=Waits(finality="finalized")
    )
    assert receipt.block == 1
    assert len(node.offered) == 2
    assert len(set(node.offered)) == 1
    assert "is no longer part of the chain: sending it again" in desk.said[0]


def test_not_final_in_time(desk: Desk) -> None:
    with pytest.raises(TransactionError, match="is included, but not safe within 3600 s"):
        desk.send(desk.node.mine, rules=Waits(finality="safe"))
    assert desk.kinds() == ["signed"]
    desk.node.final = 1
    assert desk.writer(rules=Waits(finality="safe")).settle()
    assert desk.kinds() == ["signed", "ended"]


def test_a_chain_without_finality(desk: Desk) -> None:
    def blocks(params: Sequence[Any]) -> object:
        if params[0] == "safe":
            raise RpcError("unknown block", code=-39001)
        return desk.node._eth_getBlockByNumber(*params)

    desk.node.answers["eth_getBlockByNumber"] = blocks
    with pytest.raises(TransactionError, match="do not say which block is safe") as caught:
        desk.send(rules=Waits(finality="safe"))
    assert caught.value.hint == "use --finality latest"
    assert desk.node.offered == []


def test_R9_orphaned_after_it_ended(desk: Desk) -> None:  # noqa: N802
    desk.send(desk.node.mine)
    desk.node.roll_back()
    desk.node.turns = [nothing, nothing, desk.node.mine]
    assert desk.writer().settle()
    assert desk.entries() == 2
    assert len(set(desk.node.offered)) == 1
    assert desk.kinds() == ["signed", "ended", "reopened", "ended"]


def test_another_chain_with_the_same_id(desk: Desk) -> None:
    """A development chain that begins anew: nothing of the old one is sent to it."""
    desk.die(nothing)
    desk.node.drop()
    desk.node.genesis = "0x" + "02" * 32
    assert not desk.writer().settle()
    assert len(desk.node.offered) == 1


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


def test_P6_a_receipt_takes_two_endpoints(desk: Desk) -> None:  # noqa: N802
    node = desk.node
    receipt = desk.send(*[nothing] * 4, node.mine, endpoints=[Forger(node), node, node])
    assert receipt.gas_used == GAS - 10_000
    assert desk.entries() == 2


def test_P6_two_endpoints_that_contradict_each_other_end_nothing(desk: Desk) -> None:  # noqa: N802
    with pytest.raises(TransactionError, match=r"not included within 300 s \(endpoints disagree on the receipt of 0x"):
        desk.send(nothing, desk.node.mine, endpoints=[Forger(desk.node), desk.node])
    assert desk.kinds() == ["signed"]
    assert desk.writer().settle()
    assert desk.entries() == 2


def test_endpoints_that_cannot_be_asked_do_not_count(desk: Desk) -> None:
    desk.send(nothing, desk.node.mine, endpoints=[Dead(), desk.node])
    assert desk.entries() == 2


def test_P6_a_forged_receipt_is_taken_back_by_those_who_know(desk: Desk) -> None:  # noqa: N802
    desk.send(endpoints=[Forger(desk.node)])
    assert desk.kinds() == ["signed", "ended"]
    assert desk.node.offered == []
    desk.node.turns = [nothing, nothing, desk.node.mine]
    assert desk.writer().settle()
    assert desk.entries() == 2
    assert f"0x{desk.node.offered[0].hex()}" == desk.journal.facts("signed")[0]["raw"]


def test_interrupted(desk: Desk) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(TransactionError, match="stopped after the transaction 0x") as caught:
        desk.send(nothing, interrupt)
    assert caught.value.hint == "run the same command again: it goes on with this transaction"


def test_a_signer_that_signs_something_else(desk: Desk) -> None:
    class Evil(KeySigner):
        def sign_transaction(self, transaction: Any) -> bytes:  # noqa: ANN401
            return super().sign_transaction({**transaction, "value": 1})

    evil = Evil(Secret(bytes.fromhex("4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d")))
    with pytest.raises(SignerError, match="value"):
        desk.send(signer=evil)
    assert desk.kinds() == []


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
def test_data_fees_are_part_of_the_cost(desk: Desk, oracle: str, selector: str) -> None:
    def call(params: Sequence[Any]) -> object:
        if params[0]["to"] == oracle:
            return f"0x{10**14:064x}" if params[0]["data"].startswith(f"0x{selector}") else "0x"
        return desk.node._eth_call(*params)

    desk.node.answers["eth_call"] = call
    quote = desk.writer().quote([CLAIM])
    assert quote.data_fee == 10**14
    assert quote.cost == quote.gas[0] * quote.max_fee + 10**14
    with pytest.raises(TransactionError, match=r"more than the 0\.0001 ETH"):
        desk.writer(max_cost=10**14).quote([CLAIM])


def test_a_rollups_receipt_counts_its_data(desk: Desk) -> None:
    def receipt_of(params: Sequence[Any]) -> object:
        desk.node.mine()
        return desk.node.receipts[params[0]] | {"l1Fee": "0x5"}

    desk.node.answers["eth_getTransactionReceipt"] = receipt_of
    receipt = desk.send()
    assert receipt.cost == receipt.gas_used * (BASE_FEE + 10**6) + 5


def test_spending_counts_against_the_limit(desk: Desk) -> None:
    writer = desk.writer(max_cost=5 * 10**14)
    writer.settle()
    desk.node.turns = [desk.node.mine]
    writer.send(CLAIM)
    desk.node.turns = [desk.node.mine]
    writer.send(APPEND)
    desk.node.turns = [desk.node.mine]
    writer.send(APPEND)
    with pytest.raises(TransactionError, match="that it may cost"):
        writer.send(APPEND)
    assert take_apart(desk.node.offered[-1]).nonce == 2


@pytest.mark.parametrize(("text", "wei"), [("0", 0), ("1", 10**18), ("0.002", 2 * 10**15), ("0." + "0" * 17 + "1", 1)])
def test_amounts(text: str, wei: int) -> None:
    assert parse_money(text) == wei


@pytest.mark.parametrize("text", ["", "-1", "1e3", ".5", "5.", "1 ETH", "nan", "1" * 21, "0." + "1" * 19, "\u0661"])
def test_texts_that_are_no_amounts(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        parse_money(text)


def test_a_journal_from_elsewhere_is_not_guessed_at(desk: Desk) -> None:
    desk.journal.record("signed", nonce=0, raw="0x00", limit="1", what="x", genesis=desk.node.genesis)
    with pytest.raises(JournalError, match="a record of kind 'signed' that cannot be read"):
        desk.writer().settle()
