"""Carrying out a plan: bytes first, the chain last. The transaction is the commit point.

A run that stops anywhere can be repeated: pinning the same bytes again changes nothing, and what is listed by then is
skipped by the next plan.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import DipmpError, TransactionError
from ..progress import Reporter
from ..registry import Registry
from ..writer import AGAIN, Receipt, Writer
from .plan import Entry, Plan
from .readback import read_back
from .storage import Storage


@dataclass(frozen=True, slots=True)
class Published:
    """One entry that is on chain, and the receipt of its transaction."""

    entry: Entry
    receipt: Receipt


def run(
    plan: Plan,
    storage: Storage,
    writer: Writer,
    reporter: Reporter,
    *,
    registries: Sequence[Registry],
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Published, ...]:
    """Pin and prove, send one transaction per entry, and read all of it back from `registries`, which are one.

    Raises PinnerError, GatewayError and PublishError before anything is on chain; TransactionError, which says what
    is on chain, also where that cannot be read back.
    """
    storage.store(plan.additions, plan.skipped, reporter)
    published = _send_all(plan, writer, reporter)
    try:
        read_back(plan, registries, reporter, sleep)
    except DipmpError as error:
        raise TransactionError(f"{error} ({_on_chain(published)})", hint=error.hint or AGAIN) from error
    return published


def _on_chain(published: Sequence[Published]) -> str:
    return "on chain: " + ", ".join(f"0x{each.receipt.transaction.hex()}" for each in published)


def _send_all(plan: Plan, writer: Writer, reporter: Reporter) -> tuple[Published, ...]:
    published: list[Published] = []
    for entry in plan.entries:
        try:
            published.append(_send(entry, plan.actor, writer, reporter))
        except DipmpError as error:
            if not published:
                raise
            raise TransactionError(
                f"{error} ({len(published)} of {len(plan.entries)} transactions are {_on_chain(published)})",
                hint=error.hint or AGAIN,
            ) from error
    return tuple(published)


def _send(entry: Entry, actor: bytes, writer: Writer, reporter: Reporter) -> Published:
    with reporter.task(f"Publishing {entry.project} {entry.version}", 1) as advance:
        receipt = writer.send(entry.call(actor))
        advance(1)
    return Published(entry, receipt)
