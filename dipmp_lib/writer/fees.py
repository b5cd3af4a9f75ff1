"""What to offer for a transaction: EIP-1559 fees, or a gas price on chains without them. Amounts are wei per gas."""

from dataclasses import dataclass
from typing import Self

_HEADROOM = 2
"""Times the base fee: it can rise by an eighth per block, so this lasts for six full blocks."""

_STEP = (9, 8)
"""A replacement's fees: nodes ask for a tenth more on both (geth's txpool PriceBump), some for an eighth."""

_LEAST_STEP = (11, 10)


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

    @property
    def base_fee(self) -> int:
        """The base fee that these fees, as suggested, are for; the whole price on a chain without EIP-1559."""
        return self.max_fee if self.tip is None else (self.max_fee - self.tip) // _HEADROOM

    def at_most(self, limit: int) -> "Fees | None":
        """Return the same with at most `limit` for max_fee; None where the next block would not take that."""
        if self.max_fee <= limit:
            return self
        if self.tip is None or limit < self.base_fee + self.tip:
            return None
        return Fees(limit, self.tip)

    def replacing(self, old: "Fees", limit: int) -> "Fees | None":
        """Return what a replacement of `old` offers: these fees, but both an eighth above the old, below `limit`.

        None where the limit leaves no room for a tenth more.
        """
        least, step = _raised(old, _LEAST_STEP), _raised(old, _STEP)
        max_fee = min(max(self.max_fee, step.max_fee), limit)
        if max_fee < least.max_fee:
            return None
        if step.tip is None or least.tip is None or self.tip is None:
            return Fees(max_fee, None)
        tip = min(max(self.tip, step.tip), max_fee)
        return Fees(max_fee, tip) if tip >= least.tip else None


def _raised(fees: Fees, step: tuple[int, int]) -> Fees:
    """Return fees times a fraction, rounded up, and at least one wei more."""
    above, below = step

    def raised(amount: int) -> int:
        return max(-(-amount * above // below), amount + 1)

    return Fees(raised(fees.max_fee), None if fees.tip is None else raised(fees.tip))
