"""PyPI's legacy upload API on loopback, so that twine, uv, Poetry, Flit and Hatch publish to a registry.

Source: PyPI's documentation of its upload API, and the requests and error handling of the five tools.
"""
