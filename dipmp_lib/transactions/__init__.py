"""Transactions: calls of the contracts as values, and sending them with web3 (`chain_writer`).

This package itself imports nothing heavy, so that planning and showing a plan are quick.
"""

from .calls import NOBODY, Call
from .fees import format_money, parse_money
from .port import AGAIN, FINALITIES, Quote, Receipt, Writer

__all__ = ["AGAIN", "FINALITIES", "NOBODY", "Call", "Quote", "Receipt", "Writer", "format_money", "parse_money"]
