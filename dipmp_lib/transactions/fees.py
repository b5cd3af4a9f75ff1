"""Fees of transactions (EIP-1559, or a gas price on legacy chains), their limits, and amounts of money as text."""

import re
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Self

from ..errors import Reverted, TransactionError
from ..ethereum.rpc import Rpc, eth_call
from ..keccak import keccak256
from ..model.names import checksum_address
from .port import Quote

_HEADROOM = 2
"""Times the base fee: it can rise by an eighth per block, so this lasts for six full blocks."""

_STEP = (9, 8)
"""Factor of a replacement's fees: nodes ask for a tenth more on both (geth's txpool PriceBump), some an eighth."""

_LEAST_STEP = (11, 10)


@dataclass(frozen=True, slots=True)
class Fees:
    """Fees in wei per gas: `max_fee` at most, of it `tip` for the block's producer, None without EIP-1559."""

    max_fee: int
    tip: int | None

    @classmethod
    def suggest(cls, *, base_fee: int | None, gas_price: int, tip: int | None) -> Self:
        """Choose fees from a node's base fee (None on a legacy chain), gas price and tip."""
        if base_fee is None:
            return cls(gas_price, None)
        offered = max(gas_price - base_fee, 0) if tip is None else tip
        return cls(_HEADROOM * base_fee + offered, offered)

    @property
    def fields(self) -> dict[str, int]:
        """The transaction's fields for these fees, as JSON-RPC names them."""
        if self.tip is None:
            return {"gasPrice": self.max_fee}
        return {"type": 2, "maxFeePerGas": self.max_fee, "maxPriorityFeePerGas": self.tip}

    @property
    def base_fee(self) -> int:
        """The base fee that suggested fees were made for; the whole price on a chain without EIP-1559."""
        return self.max_fee if self.tip is None else (self.max_fee - self.tip) // _HEADROOM

    def at_most(self, limit: int) -> "Fees | None":
        """Return these fees with `max_fee` cut to `limit`, None where the next block would not take that."""
        if self.max_fee <= limit:
            return self
        if self.tip is None or limit < self.base_fee + self.tip:
            return None
        return Fees(limit, self.tip)

    def replacing(self, old: "Fees", limit: int) -> "Fees | None":
        """Return the fees of a replacement of `old`: these, but both at least an eighth above the old, up to `limit`.

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


_CURRENCIES = {56: "BNB", 100: "xDAI", 137: "POL", 80_002: "POL", 43_114: "AVAX"}
"""Symbols by chain id; all other supported chains count in ether."""


def currency(chain_id: int) -> str:
    """Return the symbol of a chain's native currency."""
    return _CURRENCIES.get(chain_id, "ETH")


def parse_money(text: str) -> int:
    """Return the wei of an amount such as `0.002`. Raises ValueError for other texts."""
    if not re.fullmatch(r"[0-9]{1,20}(\.[0-9]{1,18})?", text):
        raise ValueError("not an amount")
    with localcontext(prec=60):
        return int(Decimal(text).scaleb(18))


def format_money(wei: int, chain_id: int) -> str:
    """Return an amount with six significant digits and its currency, as in `0.00123456 ETH`."""
    with localcontext(prec=6):
        amount = +Decimal(wei).scaleb(-18)
    text = f"{amount:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {currency(chain_id)}"


def fees_within(fees: Fees, gas: int, data_fee: int, limit: int | None, chain_id: int) -> Fees:
    """Return fees, cut so that gas and data cost at most `limit` (wei). Raises TransactionError if too little."""
    if limit is None or not gas:
        return fees
    capped = fees.at_most(max(limit - data_fee, 0) // gas)
    if capped is None:
        needed = format_money(gas * fees.max_fee + data_fee, chain_id)
        raise TransactionError(
            f"this can cost up to {needed}, more than the {format_money(max(limit, 0), chain_id)} that it may cost",
            hint="wait until fees have fallen, or allow more with --max-cost",
        )
    return capped


def check_funds(quote: Quote, account: bytes, chain_id: int) -> None:
    """Raise TransactionError where the account cannot pay the quote."""
    if quote.cost <= quote.balance:
        return
    held, needed = format_money(quote.balance, chain_id), format_money(quote.cost, chain_id)
    raise TransactionError(
        f"{checksum_address(account)} holds {held}, and this can cost up to {needed}",
        hint=f"send it {format_money(quote.cost - quote.balance, chain_id)} on chain {chain_id}",
    )


_OP_STACK = bytes.fromhex("420000000000000000000000000000000000000f")
_SCROLL = bytes.fromhex("5300000000000000000000000000000000000002")
_UPPER_BOUND = keccak256(b"getL1FeeUpperBound(uint256)")[:4]
_FEE = keccak256(b"getL1Fee(bytes)")[:4]
_ENVELOPE = 120
"""Most bytes of an unsigned transaction without its call data."""


def data_fee(rpc: Rpc, data: bytes) -> int:
    """Return the most that a transaction pays for this call data besides gas, in wei; 0 on chains without such a fee.

    Asks the fee oracles of OP Stack and Scroll. Raises RpcError and MalformedAnswer.
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
