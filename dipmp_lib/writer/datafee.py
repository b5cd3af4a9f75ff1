"""What rollups charge for a transaction's data besides its gas, by the contracts through which they say so.

OP Stack: GasPriceOracle at a predeploy, `getL1FeeUpperBound(uint256 unsignedSize)` since Fjord, before that
`getL1Fee(bytes)`; Scroll: L1GasPriceOracle with `getL1Fee(bytes)`. Arbitrum's gas estimates hold it already.
"""

from ..errors import Reverted
from ..keccak import keccak256
from ..rpc import Rpc, eth_call

_OP_STACK = bytes.fromhex("420000000000000000000000000000000000000f")
_SCROLL = bytes.fromhex("5300000000000000000000000000000000000002")
_UPPER_BOUND = keccak256(b"getL1FeeUpperBound(uint256)")[:4]
_FEE = keccak256(b"getL1Fee(bytes)")[:4]
_ENVELOPE = 120
"""Bytes of an unsigned transaction besides its call data, at most."""


def data_fee(rpc: Rpc, data: bytes) -> int:
    """Return the most that a transaction with this call data pays for it, in wei; 0 on chains without such a fee.

    Raises RpcError and MalformedAnswer.
    """
    # Bytes that are not zero: they cost the most, and those of fees and signatures are of that kind.
    sample = b"\xff" * _ENVELOPE + data
    whole = (32).to_bytes(32) + len(sample).to_bytes(32) + sample + bytes(-len(sample) % 32)
    size = len(sample).to_bytes(32)
    for oracle, question in ((_OP_STACK, _UPPER_BOUND + size), (_OP_STACK, _FEE + whole), (_SCROLL, _FEE + whole)):
        answer = _ask(rpc, oracle, question)
        if len(answer) == 32:
            return int.from_bytes(answer)
    return 0


def _ask(rpc: Rpc, oracle: bytes, question: bytes) -> bytes:
    try:
        return eth_call(rpc, oracle, question)
    except Reverted:
        return b""
