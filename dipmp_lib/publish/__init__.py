"""Publishing: a pure plan, then a run that pins first and writes on chain last."""

from .plan import Action, Entry, Plan, PlannedFile
from .planning import plan
from .proving import Proof
from .publisher import Publisher
from .run import Published, run
from .storage import Storage

__all__ = [
    "Action",
    "Entry",
    "Plan",
    "PlannedFile",
    "Proof",
    "Published",
    "Publisher",
    "Storage",
    "plan",
    "run",
]
