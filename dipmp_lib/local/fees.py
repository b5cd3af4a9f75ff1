"""What a transaction has to pay before it runs, and what its sender offers."""

from .pyevm import Header, Transaction

PRIORITY_FEE = 1_000_000_000
"""The tip that this node suggests, in wei: nobody competes for its blocks."""


def intrinsic_gas(transaction: Transaction) -> int:
    """Return the least gas limit that a transaction is accepted with (EIP-2028, EIP-2930, EIP-3860, EIP-7623)."""
    zeros = transaction.data.count(0)
    floor = 21_000 + 10 * (zeros + 4 * (len(transaction.data) - zeros))
    return max(int(transaction.intrinsic_gas), int(floor))


def effective_gas_price(transaction: Transaction, header: Header) -> int:
    """Return wei per gas actually paid in the block of `header` (EIP-1559)."""
    tip = min(transaction.max_priority_fee_per_gas, transaction.max_fee_per_gas - header.base_fee_per_gas)
    return int(header.base_fee_per_gas + tip)
