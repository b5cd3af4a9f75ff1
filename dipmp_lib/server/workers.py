"""Worker threads for synchronous calls, limited so that one slow registry never takes all of them.

Each tier has threads of its own, so nothing in the open tier delays a pinned registry. Within a tier one key (a
registry, say) has a few threads at a time, and the rest of its calls wait in a queue of their own. A thread is free
again only when its call has ended, however long ago the request gave up on it.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from ..errors import Upstream
from .policy import Tier

P = ParamSpec("P")
T = TypeVar("T")

BUDGET = 10.0
"""Seconds that a request may take; pip gives up after 15."""
_BUSY = "try again in a moment"


@dataclass(slots=True)
class _Request:
    """State of a request: when its time ends, by the event loop's clock, and the key that it last ran a call for."""

    ends: float | None = None
    admitted: object = None


_request: ContextVar[_Request | None] = ContextVar("request", default=None)


@dataclass(frozen=True, slots=True)
class ThreadLimits:
    """Threads of a tier, and how many calls may wait for one; the same for each key in the tier."""

    threads: int
    waiting: int
    threads_per_key: int
    waiting_per_key: int


TIER_LIMITS = {Tier.PINNED: ThreadLimits(40, 4000, 8, 1000), Tier.OPEN: ThreadLimits(16, 400, 4, 40)}


class Workers:
    """Thread pools, one a tier. `tier_of` returns the tier of a key."""

    def __init__(
        self,
        tier_of: Callable[[object], Tier] = lambda _: Tier.PINNED,
        *,
        limits: dict[Tier, ThreadLimits] = TIER_LIMITS,
        budget: float = BUDGET,
    ) -> None:
        self._tier_of = tier_of
        self._budget = budget
        self._pools = {tier: _Pool(each, tier.value) for tier, each in limits.items()}

    async def run(self, key: object, function: Callable[[], T]) -> T:
        """Return what the function returns, or raise what it raises; Upstream where too many calls wait already.

        A request that ran a call for the key before is never refused, or that work would be lost. A request that has no
        time left gives up on its function, which ends by its own deadlines.
        """
        context, request = copy_context(), _request.get() or _Request()
        pool = self._pools[self._tier_of(key)]
        future: Future[T] = pool.submit(key, lambda: context.run(function), admitted=request.admitted == key)
        request.admitted = key
        try:
            async with asyncio.timeout_at(request.ends) as limit:
                return await asyncio.wrap_future(future)
        except TimeoutError as error:
            if not limit.expired():
                raise  # the function's own
            raise Upstream(f"no answer within {self._budget:g} s", hint=_BUSY) from error

    def in_time(self, route: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        """Return the route with a limit on the time that it spends in `run` in all, waiting included.

        `run` raises Upstream when that is over; a route that answers from memory starts no timer.
        """

        @wraps(route)
        async def bounded(*args: P.args, **kwargs: P.kwargs) -> T:
            token = _request.set(_Request(asyncio.get_running_loop().time() + self._budget))
            try:
                return await route(*args, **kwargs)
            finally:
                _request.reset(token)

        return bounded


@dataclass(slots=True)
class _Queue:
    running: int = 0
    waiting: deque[tuple[Future[Any], Callable[[], Any]]] = field(default_factory=deque)


class _Pool:
    """Threads of one tier, and a queue for each key."""

    def __init__(self, limits: ThreadLimits, name: str) -> None:
        self._limits = limits
        self._threads = ThreadPoolExecutor(limits.threads, thread_name_prefix=f"dipmp-{name}")
        self._lock = threading.Lock()
        self._queues: dict[object, _Queue] = {}
        self._jobs = 0

    def submit(self, key: object, work: Callable[[], T], *, admitted: bool) -> Future[T]:
        """Run the work when its key has a thread; cancelled before that, it never runs. Raises Upstream."""
        future: Future[T] = Future()
        with self._lock:
            queue = self._queues.get(key, _Queue())
            full = len(queue.waiting) >= self._limits.waiting_per_key
            full = full or self._jobs >= self._limits.threads + self._limits.waiting
            if full and not admitted:
                raise Upstream("too many requests wait for what does not answer", hint=_BUSY)
            self._jobs += 1
            self._queues[key] = queue
            if queue.running >= self._limits.threads_per_key:
                queue.waiting.append((future, work))
                return future
            queue.running += 1
        self._threads.submit(self._work, key, future, work)
        return future

    def _work(self, key: object, future: Future[Any], work: Callable[[], Any]) -> None:
        _settle(future, work)
        with self._lock:
            self._jobs -= 1
            queue = self._queues[key]
            if not queue.waiting:
                queue.running -= 1
                if not queue.running:
                    del self._queues[key]
                return
            following = queue.waiting.popleft()
        # Behind the others who wait for a thread, not before them.
        self._threads.submit(self._work, key, *following)


def _settle(future: Future[T], work: Callable[[], T]) -> None:
    """Run the work and put its result, or what it raises, into the future, unless that was cancelled."""
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 - it is raised where the result is awaited
        future.set_exception(error)
    else:
        future.set_result(result)
