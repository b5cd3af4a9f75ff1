"""What is inside a wheel or an sdist, checked whole without extracting anything.

Archives are hostile: members, sizes and the amount that is decompressed are bounded. What is found are clauses about
the file ("is not …", "has …"), each with the weight that it has for publishing.
"""

from .findings import Finding, Weight
from .inspection import Inspection, inspect
from .sidecar import check_sidecar, without_sidecars

__all__ = ["Finding", "Inspection", "Weight", "check_sidecar", "inspect", "without_sidecars"]
