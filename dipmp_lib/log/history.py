"""History of a log: its entries with their nonces and notes, and the publishers and the offer in force. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..errors import MalformedPayload
from ..model.names import ProjectName
from ..model.pages import Note
from .blob import Blob, next_nonce
from .entries import Entry, OwnerStep, Role
from .fold import fold_project, fold_registry
from .log import Log
from .payload import parse_payload, parse_registry_payload


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """One entry of a log. `nonce` is its blob's; `entry` is None where the payload cannot be read."""

    number: int
    nonce: int
    kind: int
    actor: bytes
    time: int
    entry: Entry | None
    notes: tuple[Note, ...]


def history(log: Log) -> tuple[LogEvent, ...]:
    """Return a project's log, or for the name "" the registry's, oldest entry first. Raises MalformedLog."""
    notes: dict[int, list[Note]] = {}
    for note in _notes(log):
        notes.setdefault(note.entry, []).append(note)
    parse = parse_payload if log.name else parse_registry_payload
    nonces = _nonces(log)
    return tuple(
        LogEvent(
            number=number,
            nonce=nonces[number],
            kind=blob.kind,
            actor=blob.actor,
            time=blob.time,
            entry=_entry(parse, blob),
            notes=tuple(notes.get(number, ())),
        )
        for number, blob in enumerate(log.blobs)
    )


def _notes(log: Log) -> Sequence[Note]:
    return fold_project(ProjectName(log.name), log.blobs).notes if log.name else fold_registry(log.blobs).notes


def _nonces(log: Log) -> list[int]:
    nonces, nonce = [], log.slot.last
    for blob in reversed(log.blobs):
        nonces.append(nonce)
        nonce = next_nonce(blob, registry_log=not log.name)
    return nonces[::-1]


def _entry(parse: Callable[[int, bytes], Entry], blob: Blob) -> Entry | None:
    try:
        return parse(blob.kind, blob.payload)
    except MalformedPayload:
        return None


_OFFERED, _ACCEPTED = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherTerm:
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


def publishers(blobs: Sequence[Blob]) -> tuple[PublisherTerm, ...]:
    """Return the publishers that a project's present owner appointed, by their last ROLE; a transfer ends all terms."""
    found: dict[bytes, PublisherTerm] = {}
    for number, entry in _entries(blobs, registry_log=False):
        if isinstance(entry, OwnerStep) and entry.step == _ACCEPTED:
            found.clear()
        elif isinstance(entry, Role):
            found.pop(entry.address, None)
            found[entry.address] = PublisherTerm(
                address=entry.address, until=entry.until, compromised_since=entry.compromised_since, entry=number
            )
    return tuple(found.values())


def offered_to(blobs: Sequence[Blob], *, registry_log: bool = False) -> bytes | None:
    """Return the address that a project, or a registry, is offered to, None without an offer."""
    offered = None
    for _, entry in _entries(blobs, registry_log=registry_log):
        if isinstance(entry, OwnerStep) and entry.step in (_OFFERED, _ACCEPTED):
            offered = entry.address if entry.step == _OFFERED and any(entry.address) else None
    return offered


def _entries(blobs: Sequence[Blob], *, registry_log: bool) -> Iterator[tuple[int, Entry]]:
    """Yield the entries that can be read, with their numbers; those that the contract writes always can."""
    parse = parse_registry_payload if registry_log else parse_payload
    for number, blob in enumerate(blobs):
        try:
            yield number, parse(blob.kind, blob.payload)
        except MalformedPayload:
            continue
