"""A bounded least-recently-used cache, and single flight: one call at a time for one key."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

from .errors import Upstream

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Lru(Generic[K, V]):
    """Least-recently-used cache of values that together weigh at most `limit`. Safe to use from several threads.

    `weigh` returns the weight of a value, at least 1; a value that alone weighs more than the limit is not cached.
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
        """Return the value and mark it as used; None where there is none."""
        with self._lock:
            item = self._items.get(key)
            if item is None:
                return None
            self._items.move_to_end(key)
            return item[0]

    def put(self, key: K, value: V) -> None:
        """Cache the value in place of an older one, and drop those used longest ago that have no room any more."""
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


class SingleFlight(Generic[K, V]):
    """Suppresses duplicate calls, as Go's singleflight does: threads that want the same key share one call.

    A thread that joins a call waits at most `wait` seconds for it, or until it ends where that is None.
    """

    def __init__(self, wait: float | None = None) -> None:
        self._wait = wait
        self._lock = threading.Lock()
        self._calls: dict[K, Future[V]] = {}

    def do(self, key: K, work: Callable[[], V]) -> V:
        """Return what `work` returns, or raise what it raises, here or in the thread that called first.

        Raises Upstream when that thread takes too long.
        """
        with self._lock:
            call = self._calls.get(key)
            if call is None:
                mine: Future[V] = Future()
                self._calls[key] = mine
        if call is not None:
            return self._join(call)
        try:
            value = work()
        except BaseException as error:
            self._forget(key).set_exception(error)
            raise
        self._forget(key).set_result(value)
        return value

    def _join(self, call: Future[V]) -> V:
        try:
            error = call.exception(self._wait)
        except TimeoutError:
            raise Upstream("another request for the same is still waiting for its answer") from None
        if error is not None:
            raise error.with_traceback(None)
        return call.result()

    def _forget(self, key: K) -> Future[V]:
        with self._lock:
            return self._calls.pop(key)
