"""Ethereum JSON-RPC without web3: endpoints that may fail, lie, lag or be slow, and the few calls that reading needs.

HttpRpc asks one endpoint. WellFormed, OnChain, Breaker and Heads wrap it, each excluding it for one reason; HedgedRpc
makes one of several.
"""

from .agreement import agree
from .breaker import Breaker, BreakerRules
from .budget import HedgeBudget
from .calls import GAS, Block, block_number, chain_id, eth_call, eth_get_code
from .endpoint import HttpRpc
from .hedge import HedgedRpc, Noted, Patience, by_standing
from .identity import ChainIdentity, OnChain
from .laggards import Heads, LagRules
from .port import ANSWERS, Endpoint, Rpc, Standing
from .wellformed import WellFormed

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
