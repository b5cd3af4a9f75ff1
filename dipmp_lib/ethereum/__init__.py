"""A chain without web3: calls, CREATE2 addresses, the ABI and JSON-RPC endpoints."""
