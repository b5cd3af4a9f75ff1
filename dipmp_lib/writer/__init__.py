"""Transactions: describing them (`calls`, pure), and sending them (`chain_writer`, the only importer of web3).

This package itself imports nothing heavy, so planning and showing a plan stay quick.
"""

from .calls import AGAIN, Call, Quote, Receipt, Writer
from .money import format_money

__all__ = ["AGAIN", "Call", "Quote", "Receipt", "Writer", "format_money"]
