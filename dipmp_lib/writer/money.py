"""Amounts of a chain's native currency, for people."""

import re
from decimal import Decimal, localcontext

_CURRENCIES = {56: "BNB", 100: "xDAI", 137: "POL", 80_002: "POL", 43_114: "AVAX"}
"""By chain id; the other chains that dipmp suits count in ether."""


def currency(chain_id: int) -> str:
    """Return the symbol of a chain's native currency."""
    return _CURRENCIES.get(chain_id, "ETH")


def parse_money(text: str) -> int:
    """Return the wei of an amount such as `0.002`. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{1,20}(\.[0-9]{1,18})?", text):
        raise ValueError("not an amount")
    with localcontext(prec=60):
        return int(Decimal(text).scaleb(18))


def format_money(wei: int, chain_id: int) -> str:
    """Write an amount with six significant digits and its currency, as in `0.00123456 ETH`."""
    with localcontext(prec=6):
        amount = +Decimal(wei).scaleb(-18)
    text = f"{amount:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {currency(chain_id)}"
