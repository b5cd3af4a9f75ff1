"""`dipmp project claim`: taking a free name without releasing anything yet."""

from typing import TYPE_CHECKING, Annotated

import typer

from ..options import writes
from .arguments import ProjectName

if TYPE_CHECKING:
    from ..desk import WritingDesk

_Owner = Annotated[str | None, typer.Option(metavar="ADDRESS", help="Who will own it; the signer if left out.")]


@writes
def claim(desk: "WritingDesk", project: ProjectName, *, owner: _Owner = None) -> None:
    """Claim a free name, for yourself or for another address, such as a Safe."""
    from dipmp_lib.writer import Call

    from ..transact import Step, carry_out
    from ..words import parse_account, show_account

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
