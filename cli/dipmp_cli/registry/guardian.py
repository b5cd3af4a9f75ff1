"""`dipmp registry resign-guardian`: giving up the guardian's office."""

from typing import TYPE_CHECKING

from ..options import writes

if TYPE_CHECKING:
    from ..desk import WritingDesk


@writes
def resign(desk: "WritingDesk") -> None:
    """Resign as the registry's guardian, for ever."""
    from dipmp_lib.writer import Call

    from ..transact import Step, carry_out

    notes = ["nobody can take the office again", "what is quarantined remains so: nobody can lift it any more"]
    carry_out(desk, [Step("resign as the registry's guardian", Call.resign_guardian())], {}, notes=notes)
