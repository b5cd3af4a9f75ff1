"""The terminal: output, consent, and texts for people."""
