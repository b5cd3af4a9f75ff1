"""Mirroring: publishes files of another index in a registry, byte for byte.

The other index is not trusted: pages, redirects, sizes and digests are bounded and checked before use.
"""
