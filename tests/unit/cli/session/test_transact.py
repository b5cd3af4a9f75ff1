"""Plan, cost, consent, transactions and the JSON document of a command that writes."""

from collections.abc import Sequence
from typing import Any

import pytest

from dipmp_cli.session.context import RunOptions, WriteContext
from dipmp_cli.session.transact import Step, carry_out
from dipmp_cli.settings.settings import Flags, read_chain_settings
from dipmp_lib.errors import TransactionError
from dipmp_lib.model.names import checksum_address, parse_project
from dipmp_lib.transactions import Call, Quote, Receipt
from tests.support.fakes.node import REGISTRY
from tests.support.systems.commands import ENVIRONMENT, ME, OTHER, CommandBench


def test_nothing_is_sent_without_consent(bench: CommandBench) -> None:
    ran = bench("project", "claim", "demo")
    assert ran.error == "nothing was sent: there is no terminal to ask for consent on"
    assert not bench.node.sent


@pytest.mark.parametrize("agrees", [True, False])
def test_asking(bench: CommandBench, monkeypatch: pytest.MonkeyPatch, agrees: bool) -> None:
    monkeypatch.setattr("dipmp_cli.terminal.console.can_ask", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: agrees)
    ran = bench("project", "claim", "demo")
    assert (ran.code == 0, len(bench.node.sent)) == (agrees, int(agrees))


def test_a_plan_says_what_it_does_to_whom_and_for_how_much(bench: CommandBench) -> None:
    ran = bench("project", "claim", "Demo", "--owner", OTHER, "--dry-run")
    assert ran.code == 0
    assert ran.err.splitlines() == [
        f"plan: claim the name demo for {OTHER}",
        f"note: only {OTHER} can transfer demo; nobody can take it back",
        f"1 transaction to {checksum_address(REGISTRY)} on chain 1337, by {ME}: up to 180,000 gas and 0.00036018 ETH",
        "This is public for ever, with the sender's address, and can never be deleted.",
    ]
    assert (ran.out, bench.node.sent) == ("", [])


def test_the_json_of_a_command_that_writes(bench: CommandBench) -> None:
    document = bench.json("project", "claim", "demo", "--yes")
    [transaction] = document.pop("transactions")
    assert document == {
        "registry": checksum_address(REGISTRY),
        "project": "demo",
        "owner": ME,
        "chain_id": 1337,
        "sender": ME,
        "dry_run": False,
        "steps": [{"what": f"claim the name demo for {ME}", "function": "claim", "gas": 180_000}],
        "estimate": {"transactions": 1, "gas": 180_000, "cost_wei": str(180_000 * 2_001_000_000)},
    }
    assert transaction["hash"] in bench.node.receipts
    assert (transaction["function"], transaction["block"], transaction["gas_used"]) == ("claim", 1, 140_000)
    assert transaction["cost_wei"].isdecimal()
    [claim] = bench.node.model.entries("demo")
    assert claim[1] == 0x80


def test_nothing_to_do_is_no_transaction_and_an_empty_document(bench: CommandBench) -> None:
    bench.claim()
    document = bench.json("project", "status", "demo", "active")
    assert (document["steps"], document["transactions"]) == ([], [])
    assert document["estimate"] == {"transactions": 0, "gas": 0, "cost_wei": "0"}


def test_what_was_done_is_said_on_stderr(bench: CommandBench) -> None:
    ran = bench("project", "claim", "demo", "--yes")
    [done] = [line for line in ran.err.splitlines() if line.startswith("done: ")]
    assert done.startswith(f"done: claim the name demo for {ME}: 140,000 gas, ")
    assert "transaction 0x" in done
    assert ran.out == ""


class TwoSteps:
    """A context whose second transaction fails."""

    def __init__(self, context: WriteContext) -> None:
        self.settings, self.options, self.has_registry = context.settings, context.options, True
        self.signer, self.sent = context.signer, 0
        self.writer = self
        self.chain_id = 1337

    def quote(self, calls: Sequence[Call]) -> Quote:
        return Quote(gas=tuple(1 for _ in calls), max_fee=1, balance=10**18)

    def send(self, _call: Call) -> Receipt:
        self.sent += 1
        if self.sent > 1:
            raise TransactionError("the second fails", hint="run it again")
        return Receipt(transaction=bytes(32), block=1, gas_used=1, cost=1)


def test_an_error_behind_the_first_transaction_says_how_many_are_on_chain(
    bench: CommandBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.shell.environment(ENVIRONMENT)
    settings = read_chain_settings(Flags(), ENVIRONMENT, writes=True)
    monkeypatch.setenv("CI_KEY", ENVIRONMENT["CI_KEY"])
    context: Any = TwoSteps(WriteContext(settings, RunOptions(yes=True)))
    steps = [Step(name, Call.claim(parse_project(name), bytes(20), b"")) for name in ("one", "two")]
    with pytest.raises(TransactionError, match=r"the second fails \(1 of 2 transactions are on chain\)") as caught:
        carry_out(context, steps, {})
    assert caught.value.hint == "run it again"
