"""Who may do what in a project or registry, from its log alone. Pure. Source: contract/src/IPackageIndex.sol."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .errors import MalformedPayload
from .log.blob import Blob
from .log.entries import Entry, OwnerStep, Role
from .log.payload import parse_payload, parse_registry_payload

_OFFERED, _ACCEPTED = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """An account's last ROLE from the present owner: `until` is 0 where it was revoked; `entry` is its number."""

    address: bytes
    until: int
    compromised_since: int
    entry: int

    def state(self, now: int) -> str:
        """Return `active`, `expired` or `revoked` at a unix second."""
        if not self.until:
            return "revoked"
        return "active" if now < self.until else "expired"


def publishers(blobs: Sequence[Blob]) -> tuple[Publisher, ...]:
    """Return who the present owner of a project made a publisher; when a project changes hands, all lapse."""
    found: dict[bytes, Publisher] = {}
    for number, entry in _entries(blobs, registry_log=False):
        if isinstance(entry, OwnerStep) and entry.step == _ACCEPTED:
            found.clear()
        elif isinstance(entry, Role):
            found.pop(entry.address, None)
            found[entry.address] = Publisher(
                address=entry.address, until=entry.until, compromised_since=entry.compromised_since, entry=number
            )
    return tuple(found.values())


def offered_to(blobs: Sequence[Blob], *, registry_log: bool = False) -> bytes | None:
    """Return who a project, or a registry, is offered to, None for nobody."""
    offered = None
    for _, entry in _entries(blobs, registry_log=registry_log):
        if isinstance(entry, OwnerStep) and entry.step in (_OFFERED, _ACCEPTED):
            offered = entry.address if entry.step == _OFFERED and any(entry.address) else None
    return offered


def _entries(blobs: Sequence[Blob], *, registry_log: bool) -> Iterator[tuple[int, Entry]]:
    """Yield what can be read: the contract's own entries always can."""
    parse = parse_registry_payload if registry_log else parse_payload
    for number, blob in enumerate(blobs):
        try:
            yield number, parse(blob.kind, blob.payload)
        except MalformedPayload:
            continue
