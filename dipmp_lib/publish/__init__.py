"""Publishing: a pure plan, then a run that pins first and writes on chain last."""

from .plan import Action, Entry, Plan, PlannedFile
from .planning import plan
from .run import Published, run
from .survey import read_permissions, read_projects

__all__ = [
    "Action",
    "Entry",
    "Plan",
    "PlannedFile",
    "Published",
    "plan",
    "read_permissions",
    "read_projects",
    "run",
]
