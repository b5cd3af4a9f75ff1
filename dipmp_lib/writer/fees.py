"""What to offer for a transaction: EIP-1559 fees, or a gas price on chains without them. Amounts are wei per gas."""

from dataclasses import dataclass
from typing import Self

_HEADROOM = 2
"""Times the base fee: it can rise by an eighth per block, so this lasts for six full blocks."""


@dataclass(frozen=True, slots=True)
class Fees:
    """`max_fee` is the most that is paid; `tip` is the part for the block's maker, None on a chain without EIP-1559."""

    max_fee: int
    tip: int | None

    @classmethod
    def suggest(cls, *, base_fee: int | None, gas_price: int, tip: int | None) -> Self:
        """Choose from what a node says: its block's base fee (None = legacy chain), its gas price and its tip."""
        if base_fee is None:
            return cls(gas_price, None)
        offered = max(gas_price - base_fee, 0) if tip is None else tip
        return cls(_HEADROOM * base_fee + offered, offered)

    @property
    def fields(self) -> dict[str, int]:
        """The fields of a transaction that carry the fees."""
        if self.tip is None:
            return {"gasPrice": self.max_fee}
        return {"type": 2, "maxFeePerGas": self.max_fee, "maxPriorityFeePerGas": self.tip}
