"""What an operator serves: pinned registries and denylists (docs/policy.md)."""

from .policy import Policy, Tier, spellings
from .source import Source, open_source

__all__ = ["Policy", "Source", "Tier", "open_source", "spellings"]
