"""Distributions on disk: wheels and sdists, read without extracting and checked as a whole."""

from .distribution import WHEEL, Distribution, Reading, read_distributions, read_each

__all__ = ["WHEEL", "Distribution", "Reading", "read_distributions", "read_each"]
