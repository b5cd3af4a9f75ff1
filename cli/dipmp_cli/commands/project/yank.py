"""`dipmp project yank` and `unyank`: installers skip yanked files unless pinned exactly (PEP 592)."""

from typing import TYPE_CHECKING, Annotated

import typer

from ...session.options import writes
from .owner import ProjectName, Reason

if TYPE_CHECKING:
    from ...session.context import WriteContext

_Targets = Annotated[list[str], typer.Argument(metavar="TARGETS", help="File names, or versions for all their files.")]


@writes
def yank(context: "WriteContext", project: ProjectName, targets: _Targets, *, reason: Reason = "") -> None:
    """Yank files or versions: installers skip them unless pinned exactly. For the owner and publishers."""
    _change(context, project, targets, yanked=True, reason=reason)


@writes
def unyank(context: "WriteContext", project: ProjectName, targets: _Targets) -> None:
    """Undo a yank. For the owner and publishers."""
    _change(context, project, targets, yanked=False, reason="")


def _change(context: "WriteContext", project: str, wanted: list[str], *, yanked: bool, reason: str) -> None:
    from dipmp_lib.log.yank_targets import is_changed, select, yank_payload
    from dipmp_lib.transactions import Call

    from ...session.transact import Step, carry_out
    from ...terminal.format import count

    page, _ = context.project(project)
    selection = select(page, wanted)
    names = [file.filename for file in selection.files]
    payload = yank_payload(selection, yanked=yanked, reason=reason)
    what = f"{'yank' if yanked else 'unyank'} {count(len(names), 'file')} of {page.name}: {', '.join(names)}"
    steps = [Step(what, Call.yank(page.name, payload))] if is_changed(selection, yanked=yanked, reason=reason) else []
    details = {"project": page.name, "yanked": yanked, "reason": reason}
    carry_out(context, steps, {**details, "targets": list(selection.targets), "files": names})
