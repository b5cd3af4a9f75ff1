"""The fold's first pass: which entries a revoked key wrote while it was compromised.

Source: docs/log-format.md, "Pass 1: revocations".
"""

from collections.abc import Sequence

from ..errors import MalformedPayload
from .blob import Blob
from .payload import ROLE, Role, parse_payload


def revoked_entries(blobs: Sequence[Blob]) -> frozenset[int]:
    """Return the numbers of the entries whose key a later ROLE entry declares compromised at their time.

    Walks from the newest entry to the oldest and keeps each key's earliest `compromised_since` so far: linear.
    """
    since: dict[bytes, int] = {}
    revoked = []
    for number in range(len(blobs) - 1, -1, -1):
        blob = blobs[number]
        if blob.time >= since.get(blob.actor, blob.time + 1):
            revoked.append(number)
        role = _role(blob)
        if role is not None and role.compromised_since:
            since[role.address] = min(role.compromised_since, since.get(role.address, role.compromised_since))
    return frozenset(revoked)


def _role(blob: Blob) -> Role | None:
    if blob.kind != ROLE:
        return None
    try:
        entry = parse_payload(ROLE, blob.payload)
    except MalformedPayload:
        return None
    return entry if isinstance(entry, Role) else None
