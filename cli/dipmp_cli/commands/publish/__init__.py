"""`dipmp publish`, and `dipmp-publish`."""
