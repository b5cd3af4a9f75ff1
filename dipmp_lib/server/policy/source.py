"""Source of the rules in effect: none, or denylists in files."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...telemetry import SILENCE, Telemetry

if TYPE_CHECKING:
    from .rules import RuleSet


class RuleSource:
    """Source without rules. `rules` are those in effect, None without lists; `watches` is whether they may change."""

    watches = False
    rules: "RuleSet | None" = None

    def due(self) -> bool:
        """Tell whether `check` has to be called, as the files were last checked too long ago."""
        return False

    def check(self) -> None:
        """Read the files that changed."""


NO_LISTS = RuleSource()


def open_source(paths: Sequence[str], telemetry: Telemetry = SILENCE) -> RuleSource:
    """Return the source of the lists in these files, NO_LISTS without any. Raises InvalidSettings."""
    if not paths:
        return NO_LISTS
    from .denylist_files import FileSource  # noqa: PLC0415 - most servers have no list

    return FileSource(paths, telemetry=telemetry)
