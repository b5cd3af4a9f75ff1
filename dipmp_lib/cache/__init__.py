"""Answers kept in memory: fresh for a moment, asked for once at a time, and served on while a chain is out of reach."""

from .registry import MAX_THINGS, CachedRegistry
from .values import FRESHNESS, MAX_STALE, LastKnown, Lifetimes, Page, Served

__all__ = ["FRESHNESS", "MAX_STALE", "MAX_THINGS", "CachedRegistry", "LastKnown", "Lifetimes", "Page", "Served"]
