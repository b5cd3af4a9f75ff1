"""Registries read from a chain: eth_call, verified entries, fold (contract/src/IPackageIndex.sol)."""

from .chain import Chain, connect
from .registry import ChainRegistry
from .task import Limits

__all__ = ["Chain", "ChainRegistry", "Limits", "connect"]
