"""What transactions may cost: fees below a limit, and money to pay them."""

from ..errors import TransactionError
from ..names import checksum_address
from .fees import Fees
from .money import format_money
from .port import Quote


def fees_within(fees: Fees, gas: int, data_fee: int, limit: int | None, chain_id: int) -> Fees:
    """Return fees, cut so that all of it costs at most `limit` (wei). Raises TransactionError if that is too little."""
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
    """Raise TransactionError where the account cannot pay."""
    if quote.cost <= quote.balance:
        return
    held, needed = format_money(quote.balance, chain_id), format_money(quote.cost, chain_id)
    raise TransactionError(
        f"{checksum_address(account)} holds {held}, and this can cost up to {needed}",
        hint=f"send it {format_money(quote.cost - quote.balance, chain_id)} on chain {chain_id}",
    )
