"""`dipmp mirror`."""
