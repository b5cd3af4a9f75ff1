"""`dipmp project status` and `dipmp project quarantine`: the project's status marker (PEP 792)."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ...session.options import writes
from .owner import ProjectName, Reason

if TYPE_CHECKING:
    from ...session.context import WriteContext

_MAX_REASON = 512


class OwnStatus(StrEnum):
    """Statuses that a project's owner can set."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    DEPRECATED = "deprecated"


_Status = Annotated[OwnStatus, typer.Argument(help="archived refuses releases; deprecated warns users.")]
_Lift = Annotated[bool, typer.Option("--lift", help="End the quarantine.")]


@writes
def status(context: "WriteContext", project: ProjectName, status: _Status, *, reason: Reason = "") -> None:
    """Set a project's status: active, archived or deprecated. For the owner."""
    from dipmp_lib.log.rules import ARCHIVED, DEPRECATED, QUARANTINED, UNKNOWN
    from dipmp_lib.transactions import Call

    from ...session.transact import Step, carry_out

    page, log = context.project(project)
    bit = {OwnStatus.ARCHIVED: ARCHIVED, OwnStatus.DEPRECATED: DEPRECATED}.get(status, 0)
    before = log.slot.status & ~QUARANTINED
    after = before & UNKNOWN | bit  # bits that this version does not know stay set
    _check_reason(reason)
    steps = [Step(f"set the status of {page.name} to {status}", Call.set_status(page.name, after, reason))]
    if after == before and (reason in ("", page.status_reason)):
        steps = []
    carry_out(context, steps, {"project": page.name, "status": str(status), "reason": reason})


@writes
def quarantine(context: "WriteContext", project: ProjectName, *, lift: _Lift = False, reason: Reason = "") -> None:
    """Quarantine a project, so that servers list none of its files. For the registry's guardian."""
    from dipmp_lib.log.rules import QUARANTINED
    from dipmp_lib.transactions import Call

    from ...session.transact import Step, carry_out

    page, log = context.project(project)
    _check_reason(reason)
    on = bool(log.slot.status & QUARANTINED)
    what = f"end the quarantine of {page.name}" if lift else f"quarantine {page.name}"
    steps = [Step(what, Call.quarantine(page.name, reason, on=not lift))] if on == lift else []
    carry_out(context, steps, {"project": page.name, "quarantined": not lift, "reason": reason})


def _check_reason(reason: str) -> None:
    from dipmp_lib.errors import InvalidInput
    from dipmp_lib.log.rules import valid_reason

    if not valid_reason(reason) or len(reason.encode()) > _MAX_REASON:
        raise InvalidInput(
            f"the reason is longer than {_MAX_REASON} bytes, or holds control characters", hint="use one plain line"
        )
