"""Registries read from a chain: eth_call, verified entries, fold (contract/src/IPackageIndex.sol)."""

from .chain import Chain, connect
from .registry import ChainRegistry
from .task import OPEN_LIMITS, Limits

__all__ = ["OPEN_LIMITS", "Chain", "ChainRegistry", "Limits", "connect"]
