"""A bounded map that forgets what was used longest ago."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Lru(Generic[K, V]):
    """Values that together weigh at most `limit`. Safe to use from several threads.

    `weigh` says what a value weighs, at least 1; a value that alone weighs more than the limit is not kept.
    """

    def __init__(self, limit: int, weigh: Callable[[V], int] = lambda _: 1) -> None:
        self._limit = limit
        self._weigh = weigh
        self._weight = 0
        self._items: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._items)

    def get(self, key: K) -> V | None:
        """Return the value, and remember that it was used; None where there is none."""
        with self._lock:
            item = self._items.get(key)
            if item is None:
                return None
            self._items.move_to_end(key)
            return item[0]

    def put(self, key: K, value: V) -> None:
        """Keep the value in place of an older one."""
        weight = self._weigh(value)
        with self._lock:
            self._drop(key)
            if weight > self._limit:
                return
            self._items[key] = (value, weight)
            self._weight += weight
            while self._weight > self._limit:
                self._drop(next(iter(self._items)))

    def pop(self, key: K) -> V | None:
        """Remove and return the value; None where there is none."""
        with self._lock:
            return self._drop(key)

    def _drop(self, key: K) -> V | None:
        item = self._items.pop(key, None)
        if item is None:
            return None
        self._weight -= item[1]
        return item[0]
