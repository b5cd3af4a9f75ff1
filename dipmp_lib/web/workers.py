"""Worker threads for what the library does synchronously, rationed so that one slow registry never takes them all."""

import weakref
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import anyio
from anyio import CapacityLimiter, to_thread

from ..errors import Upstream

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 40
THREADS_PER_REGISTRY = 8
BUDGET = 10.0
"""Seconds that a request may take; pip gives up after 15."""


class Workers:
    """Runs functions in threads: so many in all, fewer for any one key (a registry, or a gateway's content)."""

    def __init__(self, threads: int = THREADS, per_key: int = THREADS_PER_REGISTRY, budget: float = BUDGET) -> None:
        self._all = CapacityLimiter(threads)
        self._per_key = per_key
        self._budget = budget
        self._limiters: weakref.WeakValueDictionary[object, CapacityLimiter] = weakref.WeakValueDictionary()

    async def run(self, key: object, function: Callable[[], T]) -> T:
        """Return what the function returns, or raise what it raises.

        A thread that is given up on, as its request has no time left, ends by its own deadlines.
        """
        async with self._limiters.setdefault(key, CapacityLimiter(self._per_key)):
            return await to_thread.run_sync(function, abandon_on_cancel=True, limiter=self._all)

    def in_time(self, route: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        """Return the route with a bound on the time that it may take in all, waiting for its turn included.

        Raises Upstream when that is over.
        """

        @wraps(route)
        async def bounded(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                with anyio.fail_after(self._budget):
                    return await route(*args, **kwargs)
            except TimeoutError as error:
                raise Upstream(f"no answer within {self._budget:g} s", hint="try again in a moment") from error

        return bounded
