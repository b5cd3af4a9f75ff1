"""Bounded HTTP/1.1 client, for everything that is read from outside.

It is built on `http.client` rather than on requests or urllib3, as peers may be hostile: no body is decompressed, no
redirect followed, no proxy taken from the environment, no URL logged, and the deadline is total.
"""

from .client import Answer, Fetcher
from .url import mask_url

__all__ = ["Answer", "Fetcher", "mask_url"]
