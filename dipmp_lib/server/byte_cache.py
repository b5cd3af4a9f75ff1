"""Bytes that were made once and are needed again."""

import gzip
import threading
import weakref
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from ..caching import Lru

K = TypeVar("K", bound=Hashable)


class ByteCache(Generic[K]):
    """Values of at most `max_bytes` together, each made once however many threads want it at the same time."""

    def __init__(self, max_bytes: int) -> None:
        self._values: Lru[K, bytes] = Lru(max_bytes, weigh=len)
        self._lock = threading.Lock()
        self._making: weakref.WeakValueDictionary[K, threading.Lock] = weakref.WeakValueDictionary()

    def get(self, key: K) -> bytes | None:
        """Return the value, None where there is none."""
        return self._values.get(key)

    def get_or_make(self, key: K, make: Callable[[], bytes]) -> bytes:
        """Return the value, making it first where it is missing; what `make` raises is raised, and nothing is kept."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            value = self.get(key)
            if value is None:
                value = make()
                self._values.put(key, value)
            return value


def compress(data: bytes) -> bytes:
    """Return the bytes as gzip; equal bytes give equal results, since no time of day is in them."""
    return gzip.compress(data, 6, mtime=0)
