"""Publishing: a pure plan, then a run that pins first and writes on chain last."""

from .pin_and_prove import Storage
from .plan import Action, Entry, Plan, PlannedFile
from .planning import plan
from .publisher import Published, Publisher, run
from .retrieval import Proof

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
