"""Publishing: a pure plan, then a run that pins first and writes on chain last."""

from .plan import Action, Entry, Plan, PlannedFile
from .planning import plan
from .publisher import Publisher
from .run import Published, run

__all__ = [
    "Action",
    "Entry",
    "Plan",
    "PlannedFile",
    "Published",
    "Publisher",
    "plan",
    "run",
]
