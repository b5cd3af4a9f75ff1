"""`dipmp project owner offer|accept|withdraw`: handing a project on, in two steps."""

from typing import TYPE_CHECKING

from ..options import writes
from .arguments import Account, ProjectName

if TYPE_CHECKING:
    from ..desk import WritingDesk


@writes
def offer(desk: "WritingDesk", project: ProjectName, to: Account) -> None:
    """Offer a project to an address, which then has to accept it."""
    from dipmp_lib.writer import Call

    from ..transact import Step, carry_out
    from ..words import parse_account, show_account

    name, account = desk.name(project), parse_account(to)
    shown = show_account(account)
    step = Step(f"offer {name} to {shown}", Call.offer_project(name, account))
    notes = ["you keep it until that address accepts; then all its publishers lapse"]
    carry_out(desk, [step], {"project": name, "to": shown}, notes=notes)


@writes
def accept(desk: "WritingDesk", project: ProjectName) -> None:
    """Accept a project that was offered to you."""
    from dipmp_lib.writer import Call

    from ..transact import Step, carry_out

    name = desk.name(project)
    notes = ["all publishers of the owner before you lapse"]
    carry_out(desk, [Step(f"accept {name}", Call.accept_project(name))], {"project": name}, notes=notes)


@writes
def withdraw(desk: "WritingDesk", project: ProjectName) -> None:
    """Withdraw the offer of a project."""
    from dipmp_lib.writer import NOBODY, Call

    from ..transact import Step, carry_out

    name = desk.name(project)
    carry_out(desk, [Step(f"withdraw the offer of {name}", Call.offer_project(name, NOBODY))], {"project": name})
