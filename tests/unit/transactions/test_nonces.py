"""Nonces as the journal has them: what is open, what was used, and by which transaction."""

import pytest

from dipmp_lib.errors import (
    JournalError,
)
from dipmp_lib.transactions.endpoints import SeenReceipt
from dipmp_lib.transactions.journal import MemoryJournal
from dipmp_lib.transactions.nonces import FOREIGN, Attempt, Inclusion, NonceBook
from dipmp_lib.transactions.signed import Signed
from tests.support.faulty.evil_signers import DYNAMIC, sign
from tests.support.systems.sending import (
    SendingSystem,
)


@pytest.fixture
def system() -> SendingSystem:
    return SendingSystem()


def test_a_journal_from_elsewhere_is_not_guessed_at(system: SendingSystem) -> None:
    system.journal.record("signed", nonce=0, raw="0x00", limit="1", what="x", genesis=system.node.genesis)
    with pytest.raises(JournalError, match="a record of kind 'signed' that cannot be read"):
        system.writer().settle()


GENESIS = "0x" + "01" * 32


def attempt(nonce: int, **changes: object) -> Attempt:
    return Attempt(Signed.from_raw(sign({**DYNAMIC, "nonce": nonce, **changes})), 10**15, "claim demo")


def inclusion(found: Attempt) -> Inclusion:
    return Inclusion(found, SeenReceipt(block=3, block_hash=bytes(32), succeeded=True, gas_used=1, cost=1))


def test_a_nonce_is_open_until_something_used_it() -> None:
    nonces = NonceBook(MemoryJournal(), GENESIS)
    first, second = attempt(4), attempt(4, maxFeePerGas=3 * 10**9)
    nonces.add(first)
    nonces.add(second)
    assert (nonces.after, nonces.unfinished(), nonces.attempts(4)) == (0, [4], (first, second))
    nonces.end(4, inclusion(second))
    assert (nonces.after, nonces.unfinished()) == (5, [])
    assert nonces.ended_since(0) == [(4, second)]
    assert nonces.ended_since(5) == []
    nonces.reopen(4)
    assert (nonces.after, nonces.unfinished(), nonces.ended_since(0)) == (0, [4], [])


def test_a_foreign_end_has_no_winner() -> None:
    nonces = NonceBook(MemoryJournal(), GENESIS)
    nonces.add(attempt(0))
    nonces.end(0, None)
    assert (nonces.after, nonces.unfinished(), nonces.ended_since(0)) == (1, [], [])


def test_another_run_reads_the_same_from_the_journal() -> None:
    journal = MemoryJournal()
    nonces = NonceBook(journal, GENESIS)
    for nonce in (0, 1, 2):
        nonces.add(attempt(nonce))
    nonces.end(0, inclusion(attempt(0)))
    nonces.end(1, None)
    nonces.reopen(1)
    again = NonceBook(journal, GENESIS)
    assert (again.after, again.unfinished(), again.ended_since(0)) == (1, [1, 2], [(0, attempt(0))])
    assert str(again.attempts(2)[0]) == f"the transaction 0x{attempt(2).signed.identity.hex()}"


@pytest.mark.parametrize(("genesis", "counts"), [(GENESIS, True), ("", True), ("0x" + "02" * 32, False)])
def test_records_of_another_chain_do_not_count(genesis: str, *, counts: bool) -> None:
    journal = MemoryJournal()
    NonceBook(journal, GENESIS).add(attempt(0))
    assert (NonceBook(journal, genesis).unfinished() == [0]) is counts


def test_what_is_on_chain_counts_though_the_disk_is_full() -> None:
    class Full(MemoryJournal):
        def record(self, kind: str, /, **facts: str | int | None) -> None:
            if kind != "signed":
                raise JournalError("no space")
            super().record(kind, **facts)

    nonces = NonceBook(Full(), GENESIS)
    nonces.add(attempt(0))
    nonces.end(0, inclusion(attempt(0)))
    assert nonces.unfinished() == []
    with pytest.raises(JournalError):
        nonces.reopen(0)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("signed", {"nonce": 0, "raw": "0x", "limit": "1", "what": "x"}),
        ("signed", {"nonce": 0, "raw": "zz", "limit": "1", "what": "x"}),
        ("signed", {"nonce": 0, "limit": "1", "what": "x"}),
        ("ended", {"nonce": "x", "hash": FOREIGN}),
        ("ended", {"nonce": 0}),
    ],
)
def test_records_that_cannot_be_read_stop_everything(kind: str, facts: dict[str, str | int | None]) -> None:
    journal = MemoryJournal()
    journal.record(kind, genesis=GENESIS, **facts)
    with pytest.raises(JournalError, match=f"a record of kind '{kind}' that cannot be read"):
        NonceBook(journal, GENESIS)


def test_records_of_later_versions_are_passed_over() -> None:
    journal = MemoryJournal()
    journal.record("later", nonce=0, genesis=GENESIS)
    assert NonceBook(journal, GENESIS).unfinished() == []
