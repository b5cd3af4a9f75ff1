"""Ethereum JSON-RPC without web3: one endpoint, several in order, and the few calls that reading needs."""

from .calls import GAS, Block, block_number, chain_id, eth_call, eth_get_code
from .endpoint import HttpRpc
from .failover import FailoverRpc
from .identity import ChainIdentity, OnChain
from .port import Rpc

__all__ = [
    "GAS",
    "Block",
    "ChainIdentity",
    "FailoverRpc",
    "HttpRpc",
    "OnChain",
    "Rpc",
    "block_number",
    "chain_id",
    "eth_call",
    "eth_get_code",
]
