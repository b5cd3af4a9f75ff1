"""Waiting for a transaction to be included, and reading what came of it."""

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import MalformedAnswer, Reverted, RpcError, TransactionError
from .calls import Call
from .node import Node
from .port import AGAIN, Receipt
from .reverts import explain

INCLUSION_SECONDS = 300.0
"""How long to wait for a transaction: 25 blocks of Ethereum."""
_POLL_SECONDS = (0.1, 2.0)


def wait_for_receipt(
    node: Node, identity: bytes, *, patience: float, clock: Callable[[], float], sleep: Callable[[float], None]
) -> Mapping[str, object]:
    """Return the receipt of the transaction with this hash; a node that fails meanwhile is asked again.

    Raises TransactionError after `patience` seconds.
    """
    end, pause = clock() + patience, _POLL_SECONDS[0]
    while True:
        receipt = _ask(node, identity)
        if receipt is not None:
            return receipt
        if clock() >= end:
            raise TransactionError(
                f"the transaction 0x{identity.hex()} was sent, but not included within {patience:.0f} s", hint=AGAIN
            )
        sleep(pause)
        pause = min(pause * 1.5, _POLL_SECONDS[1])


def read_receipt(
    node: Node, call: Call, transaction: Mapping[str, Any], identity: bytes, found: Mapping[str, object]
) -> Receipt:
    """Return what a call's transaction took. Raises TransactionError when it failed on chain, MalformedAnswer."""
    if found.get("status") != 1:
        raise TransactionError(
            f"0x{identity.hex()} was included, and failed{_reason(node, call, transaction)}", hint=AGAIN
        )
    block, used, price = (found.get(key) for key in ("blockNumber", "gasUsed", "effectiveGasPrice"))
    if not (isinstance(block, int) and isinstance(used, int) and isinstance(price, int)):
        raise MalformedAnswer(f"the receipt of 0x{identity.hex()} lacks its block, its gas or its price")
    return Receipt(transaction=identity, block=block, gas_used=used, cost=used * price)


def _ask(node: Node, identity: bytes) -> Mapping[str, object] | None:
    try:
        return node.receipt(identity)
    except (RpcError, MalformedAnswer):
        return None


def _reason(node: Node, call: Call, transaction: Mapping[str, Any]) -> str:
    """Run the failed transaction once more to learn why: a receipt does not say."""
    try:
        node.estimate(transaction)
    except Reverted as error:
        return f": {explain(error, call)}"
    except (RpcError, MalformedAnswer):
        pass
    return ""
