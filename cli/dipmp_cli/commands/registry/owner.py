"""`dipmp registry owner` and `resign-guardian`: transfer a registry in two steps, give up the guardian's role."""

from typing import TYPE_CHECKING, Annotated

import typer

from ...session.options import writes

if TYPE_CHECKING:
    from ...session.context import WriteContext

_To = Annotated[str, typer.Argument(metavar="ADDRESS", help="Address of the new owner.")]


@writes
def offer(context: "WriteContext", to: _To) -> None:
    """Offer the registry to an address, which must then accept it."""
    from dipmp_lib.transactions import Call

    from ...session.transact import Step, carry_out
    from ...terminal.format import parse_account, show_account

    account = parse_account(to)
    step = Step(f"offer the registry to {show_account(account)}", Call.offer_registry(account))
    carry_out(context, [step], {"to": show_account(account)}, notes=["you own it until that address accepts"])


@writes
def accept(context: "WriteContext") -> None:
    """Accept a registry that was offered to you."""
    from dipmp_lib.transactions import Call

    from ...session.transact import Step, carry_out

    carry_out(context, [Step("accept the registry", Call.accept_registry())], {})


@writes
def withdraw(context: "WriteContext") -> None:
    """Withdraw the offer of the registry."""
    from dipmp_lib.transactions import NOBODY, Call

    from ...session.transact import Step, carry_out

    carry_out(context, [Step("withdraw the offer of the registry", Call.offer_registry(NOBODY))], {})


@writes
def resign(context: "WriteContext") -> None:
    """Resign as the registry's guardian, for ever."""
    from dipmp_lib.transactions import Call

    from ...session.transact import Step, carry_out

    notes = ["nobody can become guardian again", "quarantined projects stay quarantined: nobody can lift that any more"]
    carry_out(context, [Step("resign as the registry's guardian", Call.resign_guardian())], {}, notes=notes)
