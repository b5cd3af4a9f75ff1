"""A chain as a reader sees it: endpoints that all serve one chain id."""

import threading
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
"""Wraps an endpoint in what has to be checked before its first use."""
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
    """Makes a line of what the sources return, and keeps it, with what was learnt of its endpoints, while that stays.

    Safe to use from several threads.
    """

    def __init__(
        self, sources: Sequence[Callable[[], tuple[Rpc, ...]]], make: Callable[[Sequence[Rpc]], EndpointSet]
    ) -> None:
        self._sources = sources
        self._make = make
        self._lock = threading.Lock()
        self._made: tuple[tuple[Rpc, ...], EndpointSet] | None = None

    def now(self) -> EndpointSet:
        """Return the line."""
        rpcs = tuple(rpc for source in self._sources for rpc in source())
        with self._lock:
            if self._made is None or self._made[0] != rpcs:
                self._made = rpcs, self._make(rpcs)
            return self._made[1]


WITNESSES = 2
T = TypeVar("T")


class Chain:
    """Endpoints of one chain, in order of preference; each is checked before its first use to serve the chain.

    `chain_id` None takes the id of the first endpoint that answers; all others must then serve that.
    `rpc` asks whichever endpoint works, `endpoints` are the single ones; none asks one that fails again and again, or
    that is behind the others. Where URLs are the value of a parameter, looking at either may read that first.
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
    ) -> None:
        self._identity = ChainIdentity(chain_id)
        self._telemetry = telemetry
        self._rules = patience, breaking, lagging
        self._lineup = CurrentEndpoints([self._source(each) for each in (rpc, *fallbacks)], self._make)

    @property
    def rpc(self) -> HedgedRpc:
        """Whichever endpoint works."""
        return self._lineup.now().rpc

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The single endpoints."""
        return self._lineup.now().endpoints

    def _source(self, place: Rpc | Source) -> Callable[[], tuple[Rpc, ...]]:
        if callable(place):
            return partial(place, self._checked)
        checked = (self._checked(place),)
        return lambda: checked

    def _checked(self, rpc: Rpc) -> Rpc:
        return ChainCheckedRpc(CheckedRpc(rpc), self._identity)

    def _make(self, rpcs: Sequence[Rpc]) -> EndpointSet:
        patience, breaking, lagging = self._rules
        breakers = [Breaker(each, rules=breaking, telemetry=self._telemetry) for each in rpcs]
        alone = len(breakers) == 1
        endpoints = breakers if alone else LagMonitor(breakers, rules=lagging, telemetry=self._telemetry).guarded()
        return EndpointSet(tuple(endpoints), HedgedRpc(endpoints, patience=patience))

    def id(self) -> int:
        """Return the chain id, asking for it only if it is not known yet. Raises Upstream, MalformedAnswer."""
        if self._identity.value is None:
            return chain_id(self.rpc)
        return self._identity.value

    def agree(self, ask: Callable[[Rpc], T], what: str) -> T:
        """Return what two endpoints say alike, or the only one where one is configured. Raises as `rpc.agree` does."""
        witnesses = min(WITNESSES, len(self.endpoints))
        return agree(by_standing(self.endpoints), ask, what, witnesses=witnesses, telemetry=self._telemetry)

    def contradicted(self, endpoint: Rpc) -> None:
        """Tell that `endpoint` shows a log where another one shows none, or none that verifies."""
        self._telemetry.tell(Event.RPC_DISAGREEMENT, endpoint=str(endpoint))


def connect(
    urls: Mapping[str, Sequence[str | Source]],
    fetcher: Fetcher,
    *,
    chain_id: int | None = None,
    telemetry: Telemetry = SILENCE,
) -> dict[str, Chain]:
    """Make a Chain of each EIP-3770 short name and its endpoint URLs, or sources of endpoints; asks nobody yet.

    "" is the default chain, with the id `chain_id` if given; the others must be in the table of short names, which
    says their ids. Raises InvalidSettings.
    """
    unknown = [name for name in urls if name and name not in CHAIN_IDS]
    empty = [name or "the default chain" for name, each in urls.items() if not each]
    problems = [f"{name!r} is not a short name of a chain that dipmp knows (EIP-3770)" for name in unknown]
    problems += [f"{name} has no endpoint URL" for name in empty]
    if problems:
        raise InvalidSettings(problems)
    chains = {}
    for name, each in urls.items():
        first, *fallbacks = (HttpRpc(place, fetcher) if isinstance(place, str) else place for place in each)
        known = CHAIN_IDS[name] if name else chain_id
        chains[name] = Chain(first, known, fallbacks=fallbacks, telemetry=telemetry)
    return chains
