"""Policy of an operator: pinned registries and denylists (docs/policy.md)."""

from .policy import Policy, Tier, spellings
from .source import RuleSource, open_source

__all__ = ["Policy", "RuleSource", "Tier", "open_source", "spellings"]
