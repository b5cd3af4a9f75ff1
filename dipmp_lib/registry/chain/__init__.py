"""Registries read from a chain: eth_call, verified entries, fold (contract/src/IPackageIndex.sol)."""

from .endpoints import Chain, connect
from .refresh import OPEN_LIMITS, ReadLimits
from .registry import ChainRegistry

__all__ = ["OPEN_LIMITS", "Chain", "ChainRegistry", "ReadLimits", "connect"]
