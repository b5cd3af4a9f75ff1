"""`dipmp doctor`: asks everything that a publish needs, one thing at a time."""
