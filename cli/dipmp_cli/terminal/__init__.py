"""The terminal: output, progress, consent, and values formatted for people."""
