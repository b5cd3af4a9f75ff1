"""Carrying out what a command means to write: plan, cost, consent, transactions, result."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import typer
from rich.console import Console

from dipmp_lib.errors import DipmpError, TransactionError
from dipmp_lib.model.names import checksum_address
from dipmp_lib.transactions import Call, Quote, Receipt, format_money

from ..terminal.console import ConsoleReporter, ask, talk
from ..terminal.format import count
from .context import WriteContext

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction, and what it does, in words that follow "plan:"."""

    what: str
    call: Call


def carry_out(desk: WriteContext, steps: Sequence[Step], facts: Json, *, notes: Sequence[str] = ()) -> bool:
    """Show the steps with their cost, ask, and send one transaction for each; tell whether anything was sent.

    `facts` lead the JSON document, `notes` are what a person should know before agreeing. No steps: nothing to do.
    Raises TransactionError, which says what is on chain, PublishError for want of consent, SignerError, Upstream.
    """
    console = talk()
    chain_id = desk.writer.chain_id
    quote = desk.writer.quote([step.call for step in steps])
    _show_plan(console, desk, steps, quote, notes)
    receipts: list[Receipt] = []
    if steps and not desk.manner.dry_run:
        ask("Send?", yes=desk.manner.yes)
        desk.signer.unlock()
        _send(desk, steps, receipts, console)
    if desk.as_json:
        typer.echo(json.dumps(_document(desk, steps, quote, receipts, facts), indent=2))
    for step, receipt in zip(steps, receipts, strict=False):
        spent = f"{receipt.gas_used:,} gas, {format_money(receipt.cost, chain_id)}"
        _say(console, f"done: {step.what}: {spent}, transaction 0x{receipt.transaction.hex()}")
    return bool(receipts)


def _show_plan(console: Console, desk: WriteContext, steps: Sequence[Step], quote: Quote, notes: Sequence[str]) -> None:
    if not steps:
        _say(console, "nothing to do: it is so already")
        return
    for step in steps:
        _say(console, f"plan: {step.what}")
    for note in notes:
        _say(console, f"note: {note}")
    chain_id = desk.writer.chain_id
    to = f"to {desk.settings.registry} on" if desk.registry else "on"
    _say(
        console,
        f"{count(len(steps), 'transaction')} {to} chain {chain_id}, by {checksum_address(desk.signer.address)}: "
        f"up to {sum(quote.gas):,} gas and {format_money(quote.cost, chain_id)}",
    )


def _send(desk: WriteContext, steps: Sequence[Step], receipts: list[Receipt], console: Console) -> None:
    reporter = ConsoleReporter(console)
    for step in steps:
        try:
            with reporter.task("Sending", 1) as advance:
                receipts.append(desk.writer.send(step.call))
                advance(1)
        except DipmpError as error:
            if not receipts:
                raise
            done = f"({len(receipts)} of {len(steps)} transactions are on chain)"
            raise TransactionError(f"{error} {done}", hint=error.hint) from error


def _document(
    desk: WriteContext, steps: Sequence[Step], quote: Quote, receipts: Sequence[Receipt], facts: Json
) -> Json:
    """Return the JSON form of a plan and its result. Amounts in wei are texts: they exceed what JSON numbers hold."""
    return {
        **({"registry": str(desk.settings.registry)} if desk.registry else {}),
        **facts,
        "chain_id": desk.writer.chain_id,
        "sender": checksum_address(desk.signer.address),
        "dry_run": desk.manner.dry_run,
        "steps": [
            {"what": step.what, "function": step.call.function, "gas": gas}
            for step, gas in zip(steps, quote.gas, strict=True)
        ],
        "estimate": {"transactions": len(steps), "gas": sum(quote.gas), "cost_wei": str(quote.cost)},
        "transactions": [_transaction(step, receipt) for step, receipt in zip(steps, receipts, strict=False)],
    }


def _transaction(step: Step, receipt: Receipt) -> Json:
    return {
        "function": step.call.function,
        "hash": f"0x{receipt.transaction.hex()}",
        "block": receipt.block,
        "gas_used": receipt.gas_used,
        "cost_wei": str(receipt.cost),
    }


def _say(console: Console, line: str) -> None:
    """Print a line that is there to be copied: never broken, however narrow the terminal."""
    console.print(line, soft_wrap=True)
