"""`dipmp bridge`."""
