"""`dipmp config`."""
