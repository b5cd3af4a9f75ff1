"""`dipmp registry`."""
