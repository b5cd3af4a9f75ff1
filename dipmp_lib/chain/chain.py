"""A chain as a reader sees it: endpoints that all serve one chain id."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from ..chains import CHAIN_IDS
from ..errors import InvalidSettings
from ..http import Fetcher
from ..rpc import (
    Breaker,
    BreakerRules,
    ChainIdentity,
    Endpoint,
    Heads,
    HedgedRpc,
    HttpRpc,
    LagRules,
    OnChain,
    Patience,
    Rpc,
    WellFormed,
    agree,
    by_standing,
    chain_id,
)
from ..telemetry import SILENCE, Event, Telemetry

WITNESSES = 2
T = TypeVar("T")


class Chain:
    """Endpoints of one chain, in order of preference; each is checked before its first use to serve the chain.

    `chain_id` None takes the id of the first endpoint that answers; all others must then serve that.
    `rpc` asks whichever endpoint works, `endpoints` are the single ones; none asks one that fails again and again, or
    that is behind the others.
    """

    def __init__(
        self,
        rpc: Rpc,
        chain_id: int | None = None,
        *,
        fallbacks: Sequence[Rpc] = (),
        patience: Patience | None = None,
        breaking: BreakerRules | None = None,
        lagging: LagRules | None = None,
        telemetry: Telemetry = SILENCE,
    ) -> None:
        self._identity = ChainIdentity(chain_id)
        self._telemetry = telemetry
        breakers = [
            Breaker(OnChain(WellFormed(each), self._identity), rules=breaking, telemetry=telemetry)
            for each in (rpc, *fallbacks)
        ]
        alone = len(breakers) == 1
        self.endpoints: tuple[Endpoint, ...] = (
            tuple(breakers) if alone else Heads(breakers, rules=lagging, telemetry=telemetry).guarded()
        )
        self.rpc = HedgedRpc(self.endpoints, patience=patience)

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
    urls: Mapping[str, Sequence[str]],
    fetcher: Fetcher,
    *,
    chain_id: int | None = None,
    telemetry: Telemetry = SILENCE,
) -> dict[str, Chain]:
    """Make a Chain of each EIP-3770 short name and its endpoint URLs; asks nobody yet.

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
        first, *fallbacks = (HttpRpc(url, fetcher) for url in each)
        known = CHAIN_IDS[name] if name else chain_id
        chains[name] = Chain(first, known, fallbacks=fallbacks, telemetry=telemetry)
    return chains
