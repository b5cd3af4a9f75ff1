"""Checks of a whole log: its head and its owner. Pure."""

from ..errors import MalformedLog
from .blob import Blob, fold_head, head0, project_id
from .entries import CLAIM, OWNER
from .log import Log

_ACCEPTED = b"\x01"


def check_owner(log: Log, newer: tuple[Blob, ...], before: bytes = b"") -> Log:
    """Return the log if its owner is the one that `newer`, its newest entries, lead to from the owner `before` them.

    The head commits to the entries, and to nothing else in the slot. The registry log has no entry for its first owner.
    Raises MalformedLog.
    """
    if log.name and _owner(newer, before) != log.slot.owner:
        raise MalformedLog("the entries lead to another owner than the registry names")
    return log


def _owner(newer: tuple[Blob, ...], before: bytes) -> bytes:
    for blob in reversed(newer):
        if blob.kind == OWNER and blob.payload[:1] == _ACCEPTED:
            return blob.payload[1:]
        if blob.kind == CLAIM:
            return blob.payload[6:26]
    return before


def head_after(empty_head: bytes, log: Log, count: int) -> bytes:
    """Return the head that the log had after `count` entries; an empty log's slot holds zeros."""
    if count == 0:
        return bytes(32)
    head = empty_head
    for blob in log.blobs[:count]:
        head = fold_head(head, blob.raw)
    return head


def recompute_head(log: Log, chain_id: int, registry: bytes) -> bytes:
    """Return the head that follows from the log's entries alone."""
    head = head0(chain_id, registry, project_id(log.name))
    for blob in log.blobs:
        head = fold_head(head, blob.raw)
    return head
