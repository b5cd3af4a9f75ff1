"""What came of a call that is on chain."""

from ..errors import MalformedAnswer, Reverted, RpcError, TransactionError
from .calls import Call
from .ledger import Inclusion
from .node import Node
from .port import AGAIN, Receipt
from .reverts import explain


def read_inclusion(node: Node, call: Call, found: Inclusion) -> Receipt:
    """Return what a call's transaction took. Raises TransactionError when it failed on chain."""
    identity, sighting = found.attempt.signed.identity, found.sighting
    if not sighting.succeeded:
        reason = _reason(node, call, found)
        raise TransactionError(f"0x{identity.hex()} was included, and failed{reason}", hint=AGAIN)
    return Receipt(transaction=identity, block=sighting.block, gas_used=sighting.gas_used, cost=sighting.cost)


def _reason(node: Node, call: Call, found: Inclusion) -> str:
    """Run the failed transaction once more to learn why: a receipt does not say."""
    try:
        node.simulate(found.attempt.signed.call)
    except Reverted as error:
        return f": {explain(error, call)}"
    except (RpcError, MalformedAnswer):
        pass
    return ""
