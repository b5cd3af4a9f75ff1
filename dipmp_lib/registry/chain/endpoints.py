"""Chains as readers use them: endpoints that all serve one chain id."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from ...errors import InvalidSettings
from ...ethereum.rpc import (
    Breaker,
    BreakerRules,
    ChainCheckedRpc,
    ChainIdentity,
    CheckedRpc,
    Endpoint,
    HedgedRpc,
    HttpRpc,
    LagMonitor,
    LagRules,
    Patience,
    Rpc,
    agree,
    by_standing,
    chain_id,
)
from ...http import Fetcher
from ...model.chains import CHAIN_IDS
from ...telemetry import SILENCE, Event, Telemetry

Check = Callable[[Rpc], Rpc]
"""Wraps an endpoint in the checks that have to pass before its first use."""
Source = Callable[[Check], tuple[Rpc, ...]]
"""Returns the current endpoints, each behind the check; the same objects until the set changes.

May block, and never raises.
"""


@dataclass(frozen=True, slots=True)
class EndpointSet:
    """Endpoints in order of preference, and all of them as one."""

    endpoints: tuple[Endpoint, ...]
    rpc: HedgedRpc


class CurrentEndpoints:
    """The endpoint set of some sources, made anew whenever they return other endpoints.

    Until then the set stays, with everything learnt of its endpoints. Safe to use from several threads.
    """

    def __init__(
        self, sources: Sequence[Callable[[], tuple[Rpc, ...]]], make: Callable[[Sequence[Rpc]], EndpointSet]
    ) -> None:
        self._sources = sources
        self._make = make
        self._lock = threading.Lock()
        self._made: tuple[tuple[Rpc, ...], EndpointSet] | None = None

    def now(self) -> EndpointSet:
        """Return the endpoint set."""
        rpcs = tuple(rpc for source in self._sources for rpc in source())
        with self._lock:
            if self._made is None or self._made[0] != rpcs:
                self._made = rpcs, self._make(rpcs)
            return self._made[1]


AGREEMENT = 2
"""Endpoints that have to say the same, where so many are configured."""
T = TypeVar("T")


class Chain:
    """Endpoints of one chain, in order of preference; each is checked before its first use to serve the chain.

    With `chain_id` None, the id of the first endpoint that answers is taken, and all others must serve that. `rpc` asks
    whichever endpoint works, `endpoints` are the single ones; none asks an endpoint that keeps failing or lags behind.
    Both may block while a source reads its endpoints.
    """

    def __init__(
        self,
        rpc: Rpc | Source,
        chain_id: int | None = None,
        *,
        fallbacks: Sequence[Rpc | Source] = (),
        patience: Patience | None = None,
        breaking: BreakerRules | None = None,
        lagging: LagRules | None = None,
        telemetry: Telemetry = SILENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._identity = ChainIdentity(chain_id)
        self._telemetry = telemetry
        self._clock = clock
        self._rules = patience, breaking, lagging
        self._current = CurrentEndpoints([self._source(each) for each in (rpc, *fallbacks)], self._make)

    @property
    def rpc(self) -> HedgedRpc:
        """All endpoints as one, which asks whichever works."""
        return self._current.now().rpc

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The single endpoints, in order of preference."""
        return self._current.now().endpoints

    def _source(self, endpoint: Rpc | Source) -> Callable[[], tuple[Rpc, ...]]:
        if callable(endpoint):
            return partial(endpoint, self._checked)
        checked = (self._checked(endpoint),)
        return lambda: checked

    def _checked(self, rpc: Rpc) -> Rpc:
        return ChainCheckedRpc(CheckedRpc(rpc), self._identity)

    def _make(self, rpcs: Sequence[Rpc]) -> EndpointSet:
        patience, breaking, lagging = self._rules
        breakers = [Breaker(each, rules=breaking, clock=self._clock, telemetry=self._telemetry) for each in rpcs]
        endpoints: Sequence[Endpoint] = breakers
        if len(breakers) > 1:
            monitor = LagMonitor(breakers, rules=lagging, clock=self._clock, telemetry=self._telemetry)
            endpoints = monitor.monitored()
        return EndpointSet(tuple(endpoints), HedgedRpc(endpoints, patience=patience))

    def id(self) -> int:
        """Return the chain id, asking for it only if it is not known yet. Raises Upstream, MalformedAnswer."""
        if self._identity.value is None:
            return chain_id(self.rpc)
        return self._identity.value

    def agree(self, ask: Callable[[Rpc], T], what: str) -> T:
        """Return the answer that two endpoints give alike, or the only one configured. Raises as `rpc.agree` does."""
        count = min(AGREEMENT, len(self.endpoints))
        return agree(by_standing(self.endpoints), ask, what, witnesses=count, telemetry=self._telemetry)

    def contradicted(self, endpoint: Rpc) -> None:
        """Report that `endpoint` shows a log where another shows none, or none that verifies."""
        self._telemetry.tell(Event.RPC_DISAGREEMENT, endpoint=str(endpoint))


def connect(
    urls: Mapping[str, Sequence[str | Source]],
    fetcher: Fetcher,
    *,
    chain_id: int | None = None,
    telemetry: Telemetry = SILENCE,
) -> dict[str, Chain]:
    """Return a Chain for each EIP-3770 short name, of endpoint URLs or sources of endpoints; nothing is asked yet.

    "" is the default chain, with the id `chain_id` if given; the others must be in the table of short names, which
    has their ids. Raises InvalidSettings.
    """
    unknown = [name for name in urls if name and name not in CHAIN_IDS]
    empty = [name or "the default chain" for name, each in urls.items() if not each]
    problems = [f"{name!r} is not a short name of a chain that dipmp knows (EIP-3770)" for name in unknown]
    problems += [f"{name} has no endpoint URL" for name in empty]
    if problems:
        raise InvalidSettings(problems)
    chains = {}
    for name, each in urls.items():
        first, *fallbacks = (HttpRpc(source, fetcher) if isinstance(source, str) else source for source in each)
        known = CHAIN_IDS[name] if name else chain_id
        chains[name] = Chain(first, known, fallbacks=fallbacks, telemetry=telemetry)
    return chains
