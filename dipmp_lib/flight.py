"""Single flight: of several threads that want the same thing at the same time, one gets it for all."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

from .errors import Upstream

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Flights(Generic[K, V]):
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
