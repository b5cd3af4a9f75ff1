"""The JSON-RPC port."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Protocol

from ...errors import Exhausted, Reverted

ANSWERS = (Reverted, Exhausted)
"""What the code of a contract leads to, at whichever endpoint: no failure of the endpoint, which was asked well."""


class Rpc(Protocol):
    """Asks an Ethereum node. Implementations are safe to call from several threads."""

    def request(self, method: str, params: Sequence[object]) -> object:
        """Return the JSON value that the method results in.

        Raises Reverted when the contract refused a call, Exhausted when its code ended for lack of gas or time,
        RpcError when the node cannot be asked or answers with another error, MalformedAnswer when its answer is not
        JSON-RPC.
        """
        ...


class Standing(IntEnum):
    """What is thought of an endpoint, best first."""

    GOOD = 0
    DOUBTED = 1
    """It failed or was slow lately: asked after the others."""
    EXCLUDED = 2
    """Not asked while there are others."""


class Endpoint(Rpc, Protocol):
    """One of several endpoints of a chain."""

    def standing(self) -> Standing:
        """Return what is thought of it now."""
        ...

    def doubt(self) -> None:
        """Think less of it for a while."""
        ...
