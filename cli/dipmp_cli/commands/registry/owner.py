"""`dipmp registry owner offer|accept|withdraw`: handing a registry on, in two steps."""

from typing import TYPE_CHECKING, Annotated

import typer

from ...session.options import writes

if TYPE_CHECKING:
    from ...session.context import WriteContext

_To = Annotated[str, typer.Argument(metavar="ADDRESS", help="Who shall own the registry.")]


@writes
def offer(desk: "WriteContext", to: _To) -> None:
    """Offer the registry to an address, which then has to accept it."""
    from dipmp_lib.transactions import Call

    from ...session.transact import Step, carry_out
    from ...terminal.format import parse_account, show_account

    account = parse_account(to)
    step = Step(f"offer the registry to {show_account(account)}", Call.offer_registry(account))
    carry_out(desk, [step], {"to": show_account(account)}, notes=["you keep it until that address accepts"])


@writes
def accept(desk: "WriteContext") -> None:
    """Accept a registry that was offered to you."""
    from dipmp_lib.transactions import Call

    from ...session.transact import Step, carry_out

    carry_out(desk, [Step("accept the registry", Call.accept_registry())], {})


@writes
def withdraw(desk: "WriteContext") -> None:
    """Withdraw the offer of the registry."""
    from dipmp_lib.transactions import NOBODY, Call

    from ...session.transact import Step, carry_out

    carry_out(desk, [Step("withdraw the offer of the registry", Call.offer_registry(NOBODY))], {})


if TYPE_CHECKING:
    from ...session.context import WriteContext


@writes
def resign(desk: "WriteContext") -> None:
    """Resign as the registry's guardian, for ever."""
    from dipmp_lib.transactions import Call

    from ...session.transact import Step, carry_out

    notes = ["nobody can take the office again", "what is quarantined remains so: nobody can lift it any more"]
    carry_out(desk, [Step("resign as the registry's guardian", Call.resign_guardian())], {}, notes=notes)
