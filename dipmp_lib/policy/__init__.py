"""What an operator serves: pinned registries and denylists (docs/policy.md)."""

from .policy import Policy
from .source import Source, open_source
from .tier import Tier, spellings

__all__ = ["Policy", "Source", "Tier", "open_source", "spellings"]
