"""Mirroring: the very bytes of another index into a registry, and a registry's bytes to more pinners.

What comes from the other index is hostile: pages, redirects, sizes and digests are bounded and checked before use.
"""
