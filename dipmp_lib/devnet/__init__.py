"""The development node of `dipmp dev`, in one Python process: a chain, a block store with a gateway, and an index."""
