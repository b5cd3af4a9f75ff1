"""Routers of the index, the files and what else programs ask for."""
