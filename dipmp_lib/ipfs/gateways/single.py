"""A single gateway, for proof that this one delivers."""

from ...http import Fetcher, mask_url
from ..cid import Cid
from ..providers import provider_of
from .request import MAX_BLOCK, GatewayClient, gateway_base

DEADLINE = 30.0
"""Seconds that a gateway may take to find and send a block, as long as gateways themselves search for one."""


class SingleGateway:
    """Reads blocks from one gateway. Safe to use from several threads. Raises InvalidSettings for an unusable URL."""

    def __init__(self, url: str, fetcher: Fetcher, *, deadline: float = DEADLINE) -> None:
        self._base = gateway_base(url)
        self.name = mask_url(self._base).removesuffix("/…")
        self.operator = provider_of(self._base)
        self._client = GatewayClient(fetcher)
        self._deadline = deadline

    def block(self, cid: Cid, max_bytes: int = MAX_BLOCK) -> bytes:
        """Return the bytes of one block, verified. Raises GatewayError."""
        return self._client.block(self._base, cid, max_bytes, self._deadline)
