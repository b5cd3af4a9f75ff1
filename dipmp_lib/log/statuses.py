"""The status byte of a project. Source: docs/log-format.md, "STATUS"; PEP 792."""

from ..model import Status

ARCHIVED = 0x01
DEPRECATED = 0x02
QUARANTINED = 0x80
UNKNOWN = 0xFF & ~(ARCHIVED | DEPRECATED | QUARANTINED)
"""Bits without a meaning in format 1: reported, otherwise ignored."""


def status_of(byte: int) -> Status:
    """Return the one marker that PEP 792 allows, the most restrictive bit first."""
    if byte & QUARANTINED:
        return Status.QUARANTINED
    if byte & ARCHIVED:
        return Status.ARCHIVED
    if byte & DEPRECATED:
        return Status.DEPRECATED
    return Status.ACTIVE
