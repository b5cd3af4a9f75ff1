"""What an operator serves: pinned registries and denylists (docs/policy.md)."""

from .denylist import Denylist, parse_denylist
from .policy import Policy
from .source import CHECK_SECONDS, FileSource, Source, open_source
from .tier import Tier, spellings

__all__ = [
    "CHECK_SECONDS",
    "Denylist",
    "FileSource",
    "Policy",
    "Source",
    "Tier",
    "open_source",
    "parse_denylist",
    "spellings",
]
