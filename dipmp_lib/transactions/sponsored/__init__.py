"""Sponsored appends: entries that one key signs and another account pays for (appendWithSig), as files."""

from .examine import Examined, examine
from .request import SignedAppend, UnsignedAppend, parse_request

__all__ = ["Examined", "SignedAppend", "UnsignedAppend", "examine", "parse_request"]
