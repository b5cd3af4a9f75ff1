"""Publishing: a pure plan, then pinning, proof of retrieval and, last, the transactions."""

from .pin_and_prove import Storage
from .plan import FileAction, Plan, PlannedEntry, PlannedFile
from .planning import make_plan
from .publisher import Published, Publisher, publish_plan
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
    "make_plan",
    "publish_plan",
]
