"""The legacy upload API of PyPI on loopback: what twine, uv, Poetry, Flit and Hatch upload is published in a registry.

Source: the upload API as PyPI documents it, and what the five tools send and accept.
"""
