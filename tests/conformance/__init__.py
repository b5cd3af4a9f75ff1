"""Checks of the Simple Repository API against any index."""
