"""What a rule does, and where."""

from enum import StrEnum

Place = tuple[int, bytes]
"""A registry as rules name it: chain id and address."""


class Action(StrEnum):
    """What a rule asks for; ALLOW is that of an exception."""

    QUARANTINE = "quarantine"
    BLOCK = "block"
    WARN = "warn"
    ALLOW = "allow"
