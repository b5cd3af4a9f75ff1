"""`dipmp project claim`: taking a free name without releasing anything yet."""

from typing import TYPE_CHECKING, Annotated

import typer

from ...session.options import writes

ProjectName = Annotated[str, typer.Argument(metavar="PROJECT", help="The project's name, in any spelling.")]
Account = Annotated[str, typer.Argument(metavar="ADDRESS", help="The account's address, 0x…")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why, for people; installers may show it.")]


if TYPE_CHECKING:
    from ...session.context import WriteContext

_Owner = Annotated[str | None, typer.Option(metavar="ADDRESS", help="Who will own it; the signer if left out.")]


@writes
def claim(desk: "WriteContext", project: ProjectName, *, owner: _Owner = None) -> None:
    """Claim a free name, for yourself or for another address, such as a Safe."""
    from dipmp_lib.transactions import Call

    from ...session.transact import Step, carry_out
    from ...terminal.format import parse_account, show_account

    name = desk.name(project)
    holder = desk.signer.address if owner is None else parse_account(owner)
    shown = show_account(holder)
    step = Step(f"claim the name {name} for {shown}", Call.claim(name, holder, b""))
    carry_out(
        desk,
        [step],
        {"project": name, "owner": shown},
        notes=[f"only {shown} can hand {name} on; nobody can take it back"],
    )


if TYPE_CHECKING:
    from ...session.context import WriteContext


@writes
def offer(desk: "WriteContext", project: ProjectName, to: Account) -> None:
    """Offer a project to an address, which then has to accept it."""
    from dipmp_lib.transactions import Call

    from ...session.transact import Step, carry_out
    from ...terminal.format import parse_account, show_account

    name, account = desk.name(project), parse_account(to)
    shown = show_account(account)
    step = Step(f"offer {name} to {shown}", Call.offer_project(name, account))
    notes = ["you keep it until that address accepts; then all its publishers lapse"]
    carry_out(desk, [step], {"project": name, "to": shown}, notes=notes)


@writes
def accept(desk: "WriteContext", project: ProjectName) -> None:
    """Accept a project that was offered to you."""
    from dipmp_lib.transactions import Call

    from ...session.transact import Step, carry_out

    name = desk.name(project)
    notes = ["all publishers of the owner before you lapse"]
    carry_out(desk, [Step(f"accept {name}", Call.accept_project(name))], {"project": name}, notes=notes)


@writes
def withdraw(desk: "WriteContext", project: ProjectName) -> None:
    """Withdraw the offer of a project."""
    from dipmp_lib.transactions import NOBODY, Call

    from ...session.transact import Step, carry_out

    name = desk.name(project)
    carry_out(desk, [Step(f"withdraw the offer of {name}", Call.offer_project(name, NOBODY))], {"project": name})
