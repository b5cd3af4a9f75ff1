"""Ethereum JSON-RPC without web3: endpoints that may fail, lie, lag or be slow, and the few calls that reading needs.

HttpRpc asks one endpoint. WellFormed, OnChain, Breaker and Heads wrap it, each excluding it for one reason; HedgedRpc
makes one of several.
"""

from .breaker import Breaker, BreakerRules
from .chain_check import ChainCheckedRpc, ChainIdentity
from .endpoint import HttpRpc
from .failover import HedgeBudget, HedgedRpc, Patience, RecordingRpc, agree, by_standing
from .lag import LagMonitor, LagRules
from .methods import GAS, Block, CheckedRpc, block_number, chain_id, eth_call, eth_get_code
from .port import ANSWERS, Endpoint, Rpc, Standing

__all__ = [
    "ANSWERS",
    "GAS",
    "Block",
    "Breaker",
    "BreakerRules",
    "ChainCheckedRpc",
    "ChainIdentity",
    "CheckedRpc",
    "Endpoint",
    "HedgeBudget",
    "HedgedRpc",
    "HttpRpc",
    "LagMonitor",
    "LagRules",
    "Patience",
    "RecordingRpc",
    "Rpc",
    "Standing",
    "agree",
    "block_number",
    "by_standing",
    "chain_id",
    "eth_call",
    "eth_get_code",
]
