"""Transactions of a command that writes: plan, cost, consent, sending, result."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import typer
from rich.console import Console

from dipmp_lib.errors import DipmpError, TransactionError
from dipmp_lib.model.names import checksum_address
from dipmp_lib.transactions import Call, Quote, Receipt, format_money

from ..terminal.console import ConsoleReporter, ask, print_line, talk
from ..terminal.format import count
from .context import WriteContext

Json = dict[str, object]

FOR_EVER = "This is public for ever, with the sender's address, and can never be deleted."


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction, and its effect in words that follow "plan:"."""

    what: str
    call: Call


def carry_out(context: WriteContext, steps: Sequence[Step], details: Json, *, notes: Sequence[str] = ()) -> bool:
    """Show the steps and their cost, ask, send one transaction for each, and return whether anything was sent.

    `details` come first in the JSON document; `notes` are shown before consent. Without steps there is nothing to do.
    Raises TransactionError, which says what is on chain, PublishError without consent, SignerError, Upstream.
    """
    console = talk()
    chain_id = context.writer.chain_id
    quote = context.writer.quote([step.call for step in steps])
    _show_plan(console, context, steps, quote, notes)
    receipts: list[Receipt] = []
    if steps and not context.options.dry_run:
        ask("Send?", yes=context.options.yes)
        context.signer.unlock()
        _send(context, steps, receipts, console)
    if context.options.as_json:
        typer.echo(json.dumps(_document(context, steps, quote, receipts, details), indent=2))
    for step, receipt in zip(steps, receipts, strict=False):
        spent = f"{receipt.gas_used:,} gas, {format_money(receipt.cost, chain_id)}"
        print_line(console, f"done: {step.what}: {spent}, transaction 0x{receipt.transaction.hex()}")
    return bool(receipts)


def _show_plan(
    console: Console, context: WriteContext, steps: Sequence[Step], quote: Quote, notes: Sequence[str]
) -> None:
    if not steps:
        print_line(console, "nothing to do: already in that state")
        return
    for step in steps:
        print_line(console, f"plan: {step.what}")
    for note in notes:
        print_line(console, f"note: {note}")
    chain_id = context.writer.chain_id
    to = f"to {context.settings.registry} on" if context.has_registry else "on"
    print_line(
        console,
        f"{count(len(steps), 'transaction')} {to} chain {chain_id}, by {checksum_address(context.signer.address)}: "
        f"up to {sum(quote.gas):,} gas and {format_money(quote.cost, chain_id)}",
    )
    print_line(console, FOR_EVER)


def _send(context: WriteContext, steps: Sequence[Step], receipts: list[Receipt], console: Console) -> None:
    reporter = ConsoleReporter(console)
    for step in steps:
        try:
            with reporter.task("Sending", 1) as advance:
                receipts.append(context.writer.send(step.call))
                advance(1)
        except DipmpError as error:
            if not receipts:
                raise
            done = f"({len(receipts)} of {len(steps)} transactions are on chain)"
            raise TransactionError(f"{error} {done}", hint=error.hint) from error


def _document(
    context: WriteContext, steps: Sequence[Step], quote: Quote, receipts: Sequence[Receipt], details: Json
) -> Json:
    """Return the JSON form of a plan and its result. Amounts in wei are texts: they exceed what JSON numbers hold."""
    return {
        **({"registry": str(context.settings.registry)} if context.has_registry else {}),
        **details,
        "chain_id": context.writer.chain_id,
        "sender": checksum_address(context.signer.address),
        "dry_run": context.options.dry_run,
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
