"""Ethereum without web3: contract calls, CREATE2 addresses, compiled contracts and JSON-RPC endpoints."""
