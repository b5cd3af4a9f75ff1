"""The bounded HTTP/1.1 client that everything uses which reads from outside.

It stands on `http.client` rather than on requests or urllib3, because a hostile peer meets it first: no body is ever
decompressed, no redirect followed, no proxy taken from the environment, no URL logged, and the deadline is total.
"""

from .client import Answer, Fetcher
from .url import mask_url

__all__ = ["Answer", "Fetcher", "mask_url"]
