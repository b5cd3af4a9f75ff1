"""Ethereum JSON-RPC without web3: endpoints that may fail, lie, lag or be slow, and the few calls that reading needs.

HttpRpc asks one endpoint. WellFormed, OnChain, Breaker and Heads wrap it, each excluding it for one reason; HedgedRpc
makes one of several.
"""

from .breaker import Breaker, BreakerRules
from .chain_check import ChainIdentity, OnChain
from .endpoint import HttpRpc
from .failover import HedgeBudget, HedgedRpc, Noted, Patience, agree, by_standing
from .lag import Heads, LagRules
from .methods import GAS, Block, WellFormed, block_number, chain_id, eth_call, eth_get_code
from .port import ANSWERS, Endpoint, Rpc, Standing

__all__ = [
    "ANSWERS",
    "GAS",
    "Block",
    "Breaker",
    "BreakerRules",
    "ChainIdentity",
    "Endpoint",
    "Heads",
    "HedgeBudget",
    "HedgedRpc",
    "HttpRpc",
    "LagRules",
    "Noted",
    "OnChain",
    "Patience",
    "Rpc",
    "Standing",
    "WellFormed",
    "agree",
    "block_number",
    "by_standing",
    "chain_id",
    "eth_call",
    "eth_get_code",
]
