"""`dipmp project claim` and `dipmp project owner`: claim a free name, transfer a project in two steps."""

from typing import TYPE_CHECKING, Annotated

import typer

from ...session.options import writes

if TYPE_CHECKING:
    from ...session.context import WriteContext

ProjectName = Annotated[str, typer.Argument(metavar="PROJECT", help="The project's name, in any spelling.")]
Account = Annotated[str, typer.Argument(metavar="ADDRESS", help="Address of the account, 0x…")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Reason, for people; installers may show it.")]

_Owner = Annotated[str | None, typer.Option(metavar="ADDRESS", help="Owner; the signer if omitted.")]


@writes
def claim(context: "WriteContext", project: ProjectName, *, owner: _Owner = None) -> None:
    """Claim a free name, for yourself or for another address, such as a Safe."""
    from dipmp_lib.transactions import Call

    from ...session.transact import Step, carry_out
    from ...terminal.format import parse_account, show_account

    name = context.name(project)
    holder = context.signer.address if owner is None else parse_account(owner)
    shown = show_account(holder)
    step = Step(f"claim the name {name} for {shown}", Call.claim(name, holder, b""))
    carry_out(
        context,
        [step],
        {"project": name, "owner": shown},
        notes=[f"only {shown} can transfer {name}; nobody can take it back"],
    )


@writes
def offer(context: "WriteContext", project: ProjectName, to: Account) -> None:
    """Offer a project to an address, which must then accept it."""
    from dipmp_lib.transactions import Call

    from ...session.transact import Step, carry_out
    from ...terminal.format import parse_account, show_account

    name, account = context.name(project), parse_account(to)
    shown = show_account(account)
    step = Step(f"offer {name} to {shown}", Call.offer_project(name, account))
    notes = ["you own it until that address accepts; then all its publishers lapse"]
    carry_out(context, [step], {"project": name, "to": shown}, notes=notes)


@writes
def accept(context: "WriteContext", project: ProjectName) -> None:
    """Accept a project that was offered to you."""
    from dipmp_lib.transactions import Call

    from ...session.transact import Step, carry_out

    name = context.name(project)
    notes = ["all publishers of the previous owner lapse"]
    carry_out(context, [Step(f"accept {name}", Call.accept_project(name))], {"project": name}, notes=notes)


@writes
def withdraw(context: "WriteContext", project: ProjectName) -> None:
    """Withdraw the offer of a project."""
    from dipmp_lib.transactions import NOBODY, Call

    from ...session.transact import Step, carry_out

    name = context.name(project)
    carry_out(context, [Step(f"withdraw the offer of {name}", Call.offer_project(name, NOBODY))], {"project": name})
