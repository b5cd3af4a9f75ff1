"""A log as a history: each entry with its place on chain, what it says and what the fold made of it. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .errors import MalformedPayload
from .log.blob import Blob, next_nonce
from .log.entries import Entry
from .log.fold import fold_project, fold_registry
from .log.head import fold_head, head0, project_id
from .log.payload import parse_payload, parse_registry_payload
from .model import Note
from .names import ProjectName
from .store import Log


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry of a log. `nonce` is its blob's; `entry` is None where the payload cannot be read."""

    number: int
    nonce: int
    kind: int
    actor: bytes
    time: int
    entry: Entry | None
    notes: tuple[Note, ...]


def history(log: Log) -> tuple[Event, ...]:
    """Return a project's log, or for the name "" the registry's, oldest entry first. Raises MalformedLog."""
    notes: dict[int, list[Note]] = {}
    for note in _notes(log):
        notes.setdefault(note.entry, []).append(note)
    parse = parse_payload if log.name else parse_registry_payload
    nonces = _nonces(log)
    return tuple(
        Event(
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


def recompute_head(log: Log, chain_id: int, registry: bytes) -> bytes:
    """Return the head that follows from the log's entries alone."""
    head = head0(chain_id, registry, project_id(log.name))
    for blob in log.blobs:
        head = fold_head(head, blob.raw)
    return head


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
