"""The embedded chain of `dipmp dev`: an EVM behind JSON-RPC."""
