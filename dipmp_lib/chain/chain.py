"""A chain as a reader sees it: endpoints that all serve one chain id."""

from collections.abc import Mapping, Sequence

from ..chains import CHAIN_IDS
from ..errors import InvalidSettings
from ..http import Fetcher
from ..rpc import ChainIdentity, FailoverRpc, HttpRpc, OnChain, Rpc, chain_id
from ..telemetry import SILENCE, Telemetry


class Chain:
    """Endpoints of one chain, asked in order; each is checked before its first use to serve the chain.

    `chain_id` None takes the id of the first endpoint that answers; all others must then serve that.
    `rpc` asks whichever endpoint works, `endpoints` are the single ones.
    """

    def __init__(
        self,
        rpc: Rpc,
        chain_id: int | None = None,
        *,
        fallbacks: Sequence[Rpc] = (),
        telemetry: Telemetry = SILENCE,
    ) -> None:
        self._identity = ChainIdentity(chain_id)
        self.endpoints: tuple[Rpc, ...] = tuple(OnChain(each, self._identity) for each in (rpc, *fallbacks))
        self.rpc: Rpc = FailoverRpc(self.endpoints, telemetry=telemetry)

    def id(self) -> int:
        """Return the chain id, asking for it only if it is not known yet. Raises Upstream, MalformedAnswer."""
        if self._identity.value is None:
            return chain_id(self.rpc)
        return self._identity.value


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
