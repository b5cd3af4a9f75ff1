"""Pool of a function's execution environments: one for each request under way, kept for the next."""

import threading
from collections.abc import Callable

from .config import Function
from .environment import Account, Environment

UNRESERVED = 8
"""Environments of a function without reserved concurrency. AWS would start more; here a request waits."""
WAIT_SECONDS = 30.0
"""Integration timeout of an HTTP API."""


class ThrottledError(Exception):
    """All environments that the function may have are busy."""


class Pool:
    """Environments of one function, made when needed. Thread-safe."""

    def __init__(self, function: Function, account: Account, make: Callable[[Function, Account], Environment]) -> None:
        self.function = function
        self.started = 0
        self._account = account
        self._make = make
        self._lock = threading.Lock()
        self._idle: list[Environment] = []
        self._all: set[Environment] = set()
        limit = UNRESERVED if function.concurrency is None else function.concurrency
        self._slots = threading.BoundedSemaphore(limit) if limit else None

    def invoke(self, event: bytes) -> bytes:
        """Return the response of a free environment, or of a new one. Raises ThrottledError, InvocationError."""
        wait = WAIT_SECONDS if self.function.concurrency is None else 0.0
        if self._slots is None or not self._slots.acquire(timeout=wait):
            raise ThrottledError(self.function.name)
        try:
            environment = self._take()
            try:
                return environment.invoke(event)
            finally:
                self._give(environment)
        finally:
            self._slots.release()

    def _take(self) -> Environment:
        with self._lock:
            while self._idle:
                environment = self._idle.pop()
                if environment.alive:
                    return environment
                self._drop(environment)
            self.started += 1
        environment = self._make(self.function, self._account)
        with self._lock:
            self._all.add(environment)
        return environment

    def _give(self, environment: Environment) -> None:
        with self._lock:
            if environment in self._all and environment.alive:
                self._idle.append(environment)
            else:
                self._drop(environment)

    def _drop(self, environment: Environment) -> None:
        self._all.discard(environment)
        environment.close()

    def recycle(self) -> None:
        """End all idle environments, so that the next requests meet cold ones."""
        with self._lock:
            while self._idle:
                self._drop(self._idle.pop())

    def close(self) -> None:
        """End all environments."""
        with self._lock:
            self._idle.clear()
            for environment in tuple(self._all):
                self._drop(environment)
