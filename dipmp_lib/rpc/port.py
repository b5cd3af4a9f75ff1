"""The JSON-RPC port."""

from collections.abc import Sequence
from typing import Protocol


class Rpc(Protocol):
    """Asks an Ethereum node. Implementations are safe to call from several threads."""

    def request(self, method: str, params: Sequence[object]) -> object:
        """Return the JSON value that the method results in.

        Raises Reverted when the contract refused a call, RpcError when the node cannot be asked or answers with
        another error, MalformedAnswer when its answer is not JSON-RPC.
        """
        ...
