"""Cache of bytes, bounded by their size, which makes each value once."""

import gzip
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from ..caching import Lru, SingleFlight

K = TypeVar("K", bound=Hashable)


class ByteCache(Generic[K]):
    """Cache of values of at most `max_bytes` together, each made once however many threads ask for it."""

    def __init__(self, max_bytes: int) -> None:
        self._values: Lru[K, bytes] = Lru(max_bytes, weigh=len)
        self._calls: SingleFlight[K, bytes] = SingleFlight()

    def get(self, key: K) -> bytes | None:
        """Return the value, None where there is none."""
        return self._values.get(key)

    def get_or_make(self, key: K, make: Callable[[], bytes]) -> bytes:
        """Return the value, making it first where it is missing.

        Raises what `make` raises, in all threads that wait for it; nothing is cached then.
        """
        return self._calls.do(key, lambda: self._make(key, make))

    def _make(self, key: K, make: Callable[[], bytes]) -> bytes:
        value = self.get(key)
        if value is None:
            value = make()
            self._values.put(key, value)
        return value


def compress(data: bytes) -> bytes:
    """Return the bytes as gzip; equal bytes give equal results, since no time is recorded in them."""
    return gzip.compress(data, 6, mtime=0)
