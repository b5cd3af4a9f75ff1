"""`dipmp project`."""
