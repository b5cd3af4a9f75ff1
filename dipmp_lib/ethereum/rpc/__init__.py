"""Ethereum JSON-RPC without web3: endpoints that may fail, lie, lag or be slow, and the methods that reading needs.

HttpRpc asks one endpoint. CheckedRpc, ChainCheckedRpc, Breaker and LagMonitor wrap it, each excluding it for one
reason; HedgedRpc asks several as one.
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
