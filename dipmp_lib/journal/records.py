"""The journal's lines: one record each, as a JSON object with a checksum. Pure.

    {"record":{"kind":"signed", …},"sha256":"…"}\\n

The checksum is that of the record's own text: sorted keys, no blanks, ASCII. A line that a crash cut short has no
newline at its end, because the newline is its last byte.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import JournalError, MalformedAnswer
from ..rpc.strict_json import parse

Facts = Mapping[str, str | int | None]
"""What a record holds. Amounts and bytes are texts: JSON's numbers are too short for them."""

_KIND = "kind"


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that happened."""

    kind: str
    facts: Facts = field(default_factory=dict)


def encode(record: Record) -> bytes:
    """Return the record's line, with its newline."""
    text = _text({**record.facts, _KIND: record.kind})
    return f'{{"record":{text},"sha256":"{_checksum(text)}"}}\n'.encode()


def decode_all(data: bytes) -> tuple[list[Record], int]:
    """Return the records of a journal's bytes, and how many bytes they take; what follows was cut off by a crash.

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
