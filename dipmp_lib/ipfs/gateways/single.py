"""One gateway alone, so that what it delivers is known to be its own doing."""

from ...http import Fetcher, mask_url
from ..cid import Cid
from ..providers import provider_of
from .request import MAX_BLOCK, GatewayClient, gateway_base

DEADLINE = 30.0
"""Seconds that a gateway may take to find and send a block: as long as gateways themselves look for one."""


class SingleGateway:
    """Asks one gateway for blocks. Safe to use from several threads. Raises InvalidSettings for an unusable URL."""

    def __init__(self, url: str, fetcher: Fetcher, *, deadline: float = DEADLINE) -> None:
        self._base = gateway_base(url)
        self.name = mask_url(self._base).removesuffix("/…")
        self.operator = provider_of(self._base)
        self._exchange = GatewayClient(fetcher)
        self._deadline = deadline

    def block(self, cid: Cid, max_bytes: int = MAX_BLOCK) -> bytes:
        """Return one block's bytes, whose hash is verified. Raises GatewayError."""
        return self._exchange.block(self._base, cid, max_bytes, self._deadline)
