"""dipmp: a Python package index kept in an Ethereum log, with its files on IPFS."""
