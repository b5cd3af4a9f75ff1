"""Transactions: describing them (`calls`, pure), and sending them (`chain_writer`, the only importer of web3).

This package itself imports nothing heavy, so planning and showing a plan stay quick.
"""

from .calls import NOBODY, Call
from .fees import format_money, parse_money
from .port import AGAIN, FINALITIES, Quote, Receipt, Writer

__all__ = ["AGAIN", "FINALITIES", "NOBODY", "Call", "Quote", "Receipt", "Writer", "format_money", "parse_money"]
