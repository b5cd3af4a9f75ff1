"""`dipmp project yank|unyank`: installers skip a yanked file unless it is asked for exactly (PEP 592)."""

from typing import TYPE_CHECKING, Annotated

import typer

from ...session.options import writes
from .owner import ProjectName, Reason

if TYPE_CHECKING:
    from ...session.context import WriteContext

_Targets = Annotated[list[str], typer.Argument(metavar="TARGETS", help="File names, or versions with all their files.")]


@writes
def yank(desk: "WriteContext", project: ProjectName, targets: _Targets, *, reason: Reason = "") -> None:
    """Yank files or versions: nobody gets them who does not ask for exactly them. Owner and publishers."""
    _change(desk, project, targets, yanked=True, reason=reason)


@writes
def unyank(desk: "WriteContext", project: ProjectName, targets: _Targets) -> None:
    """Take a yank back."""
    _change(desk, project, targets, yanked=False, reason="")


def _change(desk: "WriteContext", project: str, wanted: list[str], *, yanked: bool, reason: str) -> None:
    from dipmp_lib.log.yank_targets import is_changed, select, yank_payload
    from dipmp_lib.transactions import Call

    from ...session.transact import Step, carry_out
    from ...terminal.format import count

    page, _ = desk.project(project)
    selection = select(page, wanted)
    names = [file.filename for file in selection.files]
    payload = yank_payload(selection, yanked=yanked, reason=reason)
    what = f"{'yank' if yanked else 'unyank'} {count(len(names), 'file')} of {page.name}: {', '.join(names)}"
    steps = [Step(what, Call.yank(page.name, payload))] if is_changed(selection, yanked=yanked, reason=reason) else []
    facts = {"project": page.name, "yanked": yanked, "reason": reason}
    carry_out(desk, steps, {**facts, "targets": list(selection.targets), "files": names})
