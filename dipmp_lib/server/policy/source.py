"""Where the rules in effect come from."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...telemetry import SILENCE, Telemetry

if TYPE_CHECKING:
    from .rules import RuleSet


class RuleSource:
    """The rules in effect, None for no lists. This one has none, and never will."""

    watches = False
    rules: "RuleSet | None" = None

    def due(self) -> bool:
        """Tell whether `check` has to be called, as the last look at the files is too long ago."""
        return False

    def check(self) -> None:
        """Look at the files, and read those that changed."""


NO_LISTS = RuleSource()


def open_source(paths: Sequence[str], telemetry: Telemetry = SILENCE) -> RuleSource:
    """Return the rules of the lists in these files, or none where there are none. Raises InvalidSettings."""
    if not paths:
        return NO_LISTS
    from .denylist_files import FileSource  # noqa: PLC0415 - most servers have no list, and need not load what reads them

    return FileSource(paths, telemetry=telemetry)
