"""Ports of JSON-RPC: any endpoint, and one of several endpoints of a chain."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Protocol

from ...errors import Exhausted, Reverted

ANSWERS = (Reverted, Exhausted)
"""Errors that the code of a contract leads to at every endpoint: answers, no failures of the endpoint."""


class Rpc(Protocol):
    """A JSON-RPC endpoint of an Ethereum node. Implementations are safe to call from several threads."""

    def request(self, method: str, params: Sequence[object]) -> object:
        """Return the result, a JSON value.

        Raises Reverted when the contract refused a call, Exhausted when its code ended for lack of gas or time,
        RpcError when the node cannot be asked or answers with another error, MalformedAnswer when its answer is not
        JSON-RPC.
        """
        ...


class Standing(IntEnum):
    """Rank of an endpoint among the others, best first."""

    GOOD = 0
    DOUBTED = 1
    """Failed or slow lately: asked after the others."""
    EXCLUDED = 2
    """Not asked while there are others."""


class Endpoint(Rpc, Protocol):
    """One of several endpoints of a chain."""

    def standing(self) -> Standing:
        """Return its rank now."""
        ...

    def doubt(self) -> None:
        """Rank it lower for a while, as it is slow."""
        ...
