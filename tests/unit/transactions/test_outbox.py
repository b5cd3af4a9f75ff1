"""Transactions that an earlier run left open, were never accepted, or lost their nonce to others."""

from collections.abc import Sequence
from typing import Any

import pytest

from dipmp_lib.errors import (
    JournalError,
    RpcError,
    SignerError,
    TransactionError,
)
from dipmp_lib.secret import Secret
from dipmp_lib.transactions.signers import KeySigner
from tests.support.fakes.node import BASE_FEE, GAS
from tests.support.systems.sending import (
    ADDRESS,
    APPEND,
    SIGNER,
    Killed,
    SendingSystem,
    nothing,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def system() -> SendingSystem:
    return SendingSystem()


def test_it_is_journaled_before_it_is_sent(system: SendingSystem) -> None:
    def sent(params: Sequence[Any]) -> object:
        assert system.kinds() == ["signed"]
        assert system.facts("signed")[0]["raw"] == params[0]
        del system.node.answers["eth_sendRawTransaction"]
        return system.node.request("eth_sendRawTransaction", params)

    system.node.answers["eth_sendRawTransaction"] = sent
    system.send(system.node.mine)
    assert system.kinds() == ["signed", "ended"]


def test_P9_what_cannot_be_journaled_is_not_sent(system: SendingSystem) -> None:  # noqa: N802
    def full(*_: object, **__: object) -> None:
        raise JournalError("no space")

    system.journal.record = full  # type: ignore[method-assign]
    with pytest.raises(JournalError):
        system.send()
    assert system.node.offered == []


def test_P1_killed_after_signing(system: SendingSystem) -> None:  # noqa: N802
    system.node.answers["eth_sendRawTransaction"] = _kill
    with pytest.raises(Killed):
        system.send()
    system.node.answers.clear()
    system.node.turns = [nothing, system.node.mine]
    assert system.writer().settle()
    assert system.kinds() == ["signed", "ended"]
    assert system.entries() == 2
    assert len(system.node.offered) == 1
    assert not system.writer().settle()


def _kill(_: object) -> None:
    raise Killed


@pytest.mark.parametrize("fate", ["waits", "included", "dropped"])
def test_P1_killed_while_waiting(system: SendingSystem, fate: str) -> None:  # noqa: N802
    system.die(nothing)
    {"waits": nothing, "included": system.node.mine, "dropped": system.node.drop}[fate]()
    system.node.turns = [nothing, system.node.mine]
    assert system.writer().settle()
    assert system.entries() == 2
    assert len(system.node.offers()) == 1
    assert system.said == [f"going on with the transaction 0x{system.node.offers()[0].identity.hex()} (claim demo)"]


def test_sending_without_settling_first_finishes_the_old_and_stops(system: SendingSystem) -> None:
    """The caller planned before it knew: what it wants to send may be on chain by now."""
    system.die(nothing)
    system.node.mine()
    with pytest.raises(TransactionError, match="had to be finished first; nothing else was sent"):
        system.writer().send(APPEND)
    assert len(system.node.offers()) == 1
    system.send(nothing, system.node.mine, call=APPEND)
    assert system.entries() == 3


def test_what_would_fail_by_now_gives_its_nonce_to_the_next(system: SendingSystem) -> None:
    system.die(nothing)
    system.node.drop()
    system.node.model.claim(bytes(range(1, 21)), system.node.time, "demo", SIGNER.address, b"")
    receipt = system.send(nothing, system.node.mine, call=APPEND)
    first, second = system.node.offers()
    assert (first.nonce, second.nonce) == (0, 0)
    assert receipt.transaction == second.identity
    assert "would fail by now (claim demo): it is not sent" in system.said[0]
    assert not system.writer().settle()


@pytest.mark.slow
def test_the_old_one_may_still_win_the_nonce(system: SendingSystem) -> None:
    """It was given up, but some node had kept it."""
    system.die(nothing)
    [old] = system.node.offers()
    system.node.drop()
    system.node.model.claim(bytes(range(1, 21)), system.node.time, "demo", SIGNER.address, b"")

    def include_the_old() -> None:
        identity = f"0x{old.identity.hex()}"
        system.node.drop()
        system.node.nonces[ADDRESS.lower()] = 1
        system.node.receipts[identity] = {
            "blockHash": "0x" + "07" * 32,
            "blockNumber": "0x1",
            "status": "0x0",
            "gasUsed": hex(GAS),
            "effectiveGasPrice": hex(BASE_FEE),
        }

    with pytest.raises(TransactionError, match="its nonce 0 was used by another one"):
        system.send(nothing, include_the_old, call=APPEND)
    assert system.kinds() == ["signed", "signed", "ended"]
    system.send(nothing, system.node.mine, call=APPEND)
    assert system.node.offers()[-1].nonce == 1


def test_a_rejected_transaction_stays_open_and_is_tried_again(system: SendingSystem) -> None:
    system.node.answers["eth_sendRawTransaction"] = RpcError("busy", code=-32000)
    with pytest.raises(TransactionError, match="was not accepted: busy"):
        system.send()
    assert system.kinds() == ["signed"]
    system.node.answers.clear()
    system.node.turns = [nothing, system.node.mine]
    assert system.writer().settle()
    assert system.entries() == 2


def test_P3_foreign_transactions_are_not_sent_over(system: SendingSystem) -> None:  # noqa: N802
    system.node.answers["eth_getTransactionCount"] = lambda params: "0x7" if params[1] == "pending" else "0x4"
    with pytest.raises(TransactionError, match=r"not sent from here \(nonces 4 to 6\); nothing was sent"):
        system.send()
    assert system.node.offered == []
    assert system.kinds() == []


@pytest.mark.slow
def test_P3_a_nonce_that_somebody_else_took_meanwhile(system: SendingSystem) -> None:  # noqa: N802
    with pytest.raises(TransactionError, match="will never be included: its nonce 0 was used by another one of 0x"):
        system.send(nothing, system.node.use_nonce)
    assert system.facts("ended")[0]["hash"] == "another"
    system.send(nothing, system.node.mine)
    assert system.node.offers()[-1].nonce == 1


def test_R9_orphaned_after_it_ended(system: SendingSystem) -> None:  # noqa: N802
    system.send(system.node.mine)
    system.node.roll_back()
    system.node.turns = [nothing, nothing, system.node.mine]
    assert system.writer().settle()
    assert system.entries() == 2
    assert len(set(system.node.offered)) == 1
    assert system.kinds() == ["signed", "ended", "reopened", "ended"]


def test_another_chain_with_the_same_id(system: SendingSystem) -> None:
    """A development chain that begins anew: nothing of the old one is sent to it."""
    system.die(nothing)
    system.node.drop()
    system.node.genesis = "0x" + "02" * 32
    assert not system.writer().settle()
    assert len(system.node.offered) == 1


def test_interrupted(system: SendingSystem) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(TransactionError, match="stopped after the transaction 0x") as caught:
        system.send(nothing, interrupt)
    assert caught.value.hint == "run the same command again: it goes on with this transaction"


def test_a_signer_that_signs_something_else(system: SendingSystem) -> None:
    class Evil(KeySigner):
        def sign_transaction(self, transaction: Any) -> bytes:  # noqa: ANN401
            return super().sign_transaction({**transaction, "value": 1})

    evil = Evil(Secret(bytes.fromhex("4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d")))
    with pytest.raises(SignerError, match="value"):
        system.send(signer=evil)
    assert system.kinds() == []
