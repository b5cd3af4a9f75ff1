"""Publishing: a pure plan, then a run that pins first and writes on chain last."""

from .pin_and_prove import Storage
from .plan import FileAction, Plan, PlannedEntry, PlannedFile
from .planning import plan
from .publisher import Published, Publisher, run
from .retrieval import ProofOptions

__all__ = [
    "FileAction",
    "Plan",
    "PlannedEntry",
    "PlannedFile",
    "ProofOptions",
    "Published",
    "Publisher",
    "Storage",
    "plan",
    "run",
]
