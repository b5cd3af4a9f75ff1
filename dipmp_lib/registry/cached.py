"""Cache of a registry's answers: asked for once at a time, and served stale while a chain is out of reach."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar, overload

from ..caching import Lru, SingleFlight
from ..errors import DipmpError, Malformed, NotFound, RegistryNotFound, Upstream
from ..model.names import ProjectName, RegistryAddress
from ..model.pages import Project, ProjectList
from .port import Registry

FRESHNESS = 2.0
"""Seconds; Base and other layer-2 chains make a block every 2 s, so a shorter time shows little that is newer."""

# Seconds, as Lifetimes has them.
ABSENT_PROJECT = 2.0
ABSENT_REGISTRY = 30.0
FAILURE = 1.0
MAX_STALE = 24 * 3600.0

T_co = TypeVar("T_co", covariant=True)
Page = Project | ProjectList
LastKnown = Callable[[RegistryAddress, ProjectName | None], tuple[Page, float] | None]
"""Returns a project's stored page, or for None the project list, and the unix time at which the chain confirmed it."""


@dataclass(frozen=True, slots=True)
class Served(Generic[T_co]):
    """An answer and its age.

    `age` is in seconds since the chain last confirmed it. `stale` means that the chain could not be asked again when it
    should have been; `reason` says why, for people.
    """

    value: T_co
    age: float
    stale: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """Seconds for which an answer is given again without asking, or (`stale`) while asking fails.

    `failure` is the time from a failed attempt to the next one.
    """

    fresh: float = FRESHNESS
    absent_project: float = ABSENT_PROJECT
    absent_registry: float = ABSENT_REGISTRY
    failure: float = FAILURE
    stale: float = MAX_STALE


LOOK_UP_AFTER = 60.0
"""Age in seconds from which a stored page is looked up, as another process may have confirmed it meanwhile."""
MAX_WEIGHT = 200_000
"""Files, names and notes on all pages together, each below 1 KiB."""
MAX_REFUSALS = 10_000
WAIT = 10.0
"""Seconds that a thread waits for the answer that another one asks for."""
_Key = tuple[RegistryAddress, ProjectName | None]


@dataclass(frozen=True, slots=True)
class _Entry:
    page: Page
    confirmed: float
    until: float
    reason: str = ""
    looked_up: float = 0.0


@dataclass(frozen=True, slots=True)
class _Refusal:
    error: DipmpError
    until: float


class CachedRegistry:
    """A Registry with a cache over `inner`. Safe to use from several threads; no lock is held while `inner` is asked.

    `project` and `project_list` answer as the port does, `serve` with the age, and `peek` only from the cache. Where
    `inner` fails, pages that are missing here, or old, come from `last_known`. `max_weight` bounds the pages' weight.
    """

    def __init__(
        self,
        inner: Registry,
        *,
        lifetimes: Lifetimes = Lifetimes(),
        max_weight: int = MAX_WEIGHT,
        last_known: LastKnown = lambda _registry, _name: None,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._inner = inner
        self._last_known = last_known
        self._wall_clock = wall_clock
        self._lifetimes = lifetimes
        self._clock = clock
        self._entries: Lru[_Key, _Entry] = Lru(max_weight, lambda entry: entry.page.weight)
        self._refusals: Lru[_Key, _Refusal] = Lru(MAX_REFUSALS)
        self._calls: SingleFlight[_Key, Served[Page]] = SingleFlight(WAIT)

    def project_list(self, registry: RegistryAddress) -> ProjectList:
        """Return the registry's projects; raises as the port says."""
        return self.serve(registry).value

    def project(self, registry: RegistryAddress, name: ProjectName) -> Project:
        """Return one project; raises as the port says."""
        return self.serve(registry, name).value

    @overload
    def peek(self, registry: RegistryAddress) -> Served[ProjectList] | None: ...
    @overload
    def peek(self, registry: RegistryAddress, name: ProjectName) -> Served[Project] | None: ...
    def peek(self, registry: RegistryAddress, name: ProjectName | None = None) -> Served[Page] | None:
        """Return the cached answer of `serve`, or raise its cached error; None where `serve` has to ask."""
        key = registry, name
        now = self._clock()
        refusal = self._refusals.get(key)
        if refusal is not None and now < refusal.until:
            raise refusal.error.with_traceback(None)  # or each raise would add to one traceback
        entry = self._entries.get(key)
        return self._served(entry, now) if entry is not None and now < entry.until else None

    @overload
    def serve(self, registry: RegistryAddress) -> Served[ProjectList]: ...
    @overload
    def serve(self, registry: RegistryAddress, name: ProjectName) -> Served[Project]: ...
    def serve(self, registry: RegistryAddress, name: ProjectName | None = None) -> Served[Page]:
        """Return the project, or the project list where no name is given, and its age; raises as the port says."""
        served = self.peek(registry) if name is None else self.peek(registry, name)
        return served or self._calls.do((registry, name), lambda: self._ask((registry, name)))

    def _ask(self, key: _Key) -> Served[Page]:
        began = self._clock()
        registry, name = key
        try:
            page: Page = self._inner.project_list(registry) if name is None else self._inner.project(registry, name)
        except NotFound as error:
            is_registry = isinstance(error, RegistryNotFound)
            self._entries.pop(key)
            self._refuse(key, error, self._lifetimes.absent_registry if is_registry else self._lifetimes.absent_project)
            raise
        except (Upstream, Malformed) as error:
            return self._serve_stale(key, error)
        entry = _Entry(page, began, began + self._lifetimes.fresh)
        self._refusals.pop(key)
        self._entries.put(key, entry)
        return self._served(entry, self._clock())

    def _serve_stale(self, key: _Key, error: DipmpError) -> Served[Page]:
        """Return the last known good page; raises `error` where there is none, or only one that is too old."""
        entry, now = self._last_good(key), self._clock()
        if entry is None or now - entry.confirmed > self._lifetimes.stale:
            self._refuse(key, error, self._lifetimes.failure)
            raise error
        entry = replace(entry, until=now + self._lifetimes.failure, reason=str(error))
        self._entries.put(key, entry)
        return self._served(entry, now)

    def _last_good(self, key: _Key) -> _Entry | None:
        """Return the newer of the cached and the stored page; the stored one is looked up once a minute at most."""
        held, now = self._entries.get(key), self._clock()
        if held is not None and now - max(held.confirmed, held.looked_up) < LOOK_UP_AFTER:
            return held
        stored = self._last_known(*key)
        if stored is not None:
            page, unix = stored
            confirmed = now - max(0.0, self._wall_clock() - unix)
            if held is None or held.confirmed < confirmed:
                held = _Entry(page, confirmed, confirmed)
        return held and replace(held, looked_up=now)

    def _refuse(self, key: _Key, error: DipmpError, seconds: float) -> None:
        self._refusals.put(key, _Refusal(error, self._clock() + seconds))

    @staticmethod
    def _served(entry: _Entry, now: float) -> Served[Page]:
        return Served(entry.page, max(0.0, now - entry.confirmed), bool(entry.reason), entry.reason)
