"""Releases that one key signs and another account pays for: the registry's appendWithSig, as a file between them."""

from .examine import Examined, examine
from .request import SignedAppend, UnsignedAppend, parse_request

__all__ = ["Examined", "SignedAppend", "UnsignedAppend", "examine", "parse_request"]
