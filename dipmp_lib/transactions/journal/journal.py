"""The journal of one account on one chain: its lines, the port, on disk, and in memory.

A line is a JSON object of a record and the SHA-256 of the record's shortest JSON text with sorted keys.
"""

import hashlib
import json
import os
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ...errors import JournalError, MalformedAnswer
from ...http.strict_json import parse
from . import file as appending

Facts = Mapping[str, str | int | None]
"""The values of a record by name. Amounts and bytes are texts: JSON's numbers are too short for them."""

_KIND = "kind"


@dataclass(frozen=True, slots=True)
class Record:
    """One event, such as that a transaction was signed."""

    kind: str
    facts: Facts = field(default_factory=dict)


def encode(record: Record) -> bytes:
    """Return the record's line, with its newline."""
    text = _text({**record.facts, _KIND: record.kind})
    return f'{{"record":{text},"sha256":"{_checksum(text)}"}}\n'.encode()


def decode_all(data: bytes) -> tuple[list[Record], int]:
    """Return the records of a journal's bytes, and the bytes that they take; a crash cut off what follows these.

    Raises JournalError for anything else that is not a record.
    """
    whole = data.rfind(b"\n") + 1
    lines = data[:whole].split(b"\n")[:-1]
    return [_decode(line, number) for number, line in enumerate(lines, 1)], whole


def _decode(line: bytes, number: int) -> Record:
    try:
        outer = parse(line)
    except MalformedAnswer:
        outer = None
    inner = outer.get("record") if isinstance(outer, dict) else None
    if not isinstance(inner, dict) or outer != {"record": inner, "sha256": _checksum(_text(inner))}:
        raise JournalError(f"line {number} is damaged")
    kind = inner.pop(_KIND, None)
    if not isinstance(kind, str) or not all(type(value) in (str, int, type(None)) for value in inner.values()):
        raise JournalError(f"line {number} is not a record that this version writes")
    return Record(kind, inner)


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class JournalPort(Protocol):
    """Records of one account on one chain."""

    def record(self, kind: str, /, **facts: str | int | None) -> None:
        """Add one record; it is on disk when this returns. Raises JournalError."""
        ...

    def records(self) -> tuple[Record, ...]:
        """Return all records, oldest first."""
        ...

    def close(self) -> None:
        """Release the account's lock."""
        ...


NAME = "journal.jsonl"


class Journal:
    """The journal in `folder`, which is made where it is missing.

    Its user holds the account's lock. Raises JournalError, and then the file is as it was.
    """

    def __init__(self, folder: Path) -> None:
        appending.make_folder(folder)
        self._path = folder / NAME
        self._descriptor = appending.open_growing(self._path)
        self._closing = weakref.finalize(self, os.close, self._descriptor)
        data = appending.read_all(self._descriptor, self._path)
        try:
            self._records, self._size = decode_all(data)
        except JournalError as error:
            raise JournalError(
                f"{self._path}: {error}; nothing was sent",
                hint="move the file away only when no transaction of the account waits: it says what was sent",
            ) from None

    def record(self, kind: str, /, **facts: str | int | None) -> None:
        """Add one record; it is on disk when this returns. Raises JournalError."""
        record = Record(kind, facts)
        line = encode(record)
        appending.append(self._descriptor, self._path, self._size, line)
        self._size += len(line)
        self._records.append(record)

    def records(self) -> tuple[Record, ...]:
        """Return all records, oldest first."""
        return tuple(self._records)

    def close(self) -> None:
        """Close the file."""
        self._closing()


class MemoryJournal:
    """Records that end with the process."""

    def __init__(self) -> None:
        self._records: list[Record] = []

    def record(self, kind: str, /, **facts: str | int | None) -> None:
        """Add one record."""
        self._records.append(Record(kind, facts))

    def records(self) -> tuple[Record, ...]:
        """Return all records, oldest first."""
        return tuple(self._records)

    def close(self) -> None:
        """Do nothing: there is no lock."""
