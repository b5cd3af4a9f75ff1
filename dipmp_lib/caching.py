"""A bounded map that forgets what was used longest ago."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

from .errors import Upstream

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


class SingleFlight(Generic[K, V]):
    """Joins threads by key; a thread that joins waits at most `wait` seconds."""

    def __init__(self, wait: float) -> None:
        self._wait = wait
        self._lock = threading.Lock()
        self._flying: dict[K, Future[V]] = {}

    def fly(self, key: K, work: Callable[[], V]) -> V:
        """Return what `work` returns, or raise what it raises, here or in the thread that began first.

        Raises Upstream when that thread takes too long.
        """
        with self._lock:
            flight = self._flying.get(key)
            if flight is None:
                mine: Future[V] = Future()
                self._flying[key] = mine
        if flight is not None:
            return self._join(flight)
        try:
            value = work()
        except BaseException as error:
            self._land(key).set_exception(error)
            raise
        self._land(key).set_result(value)
        return value

    def _join(self, flight: Future[V]) -> V:
        try:
            error = flight.exception(self._wait)
        except TimeoutError:
            raise Upstream("another request for the same is still waiting for its answer") from None
        if error is not None:
            raise error.with_traceback(None)
        return flight.result()

    def _land(self, key: K) -> Future[V]:
        with self._lock:
            return self._flying.pop(key)
