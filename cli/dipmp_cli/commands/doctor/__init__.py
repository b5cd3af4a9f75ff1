"""`dipmp doctor`."""
