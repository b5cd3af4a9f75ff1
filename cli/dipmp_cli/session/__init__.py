"""Shared by commands: options, contexts, the connection to a chain, sending transactions."""
