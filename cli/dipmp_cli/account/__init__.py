"""Commands about keys on this machine."""
