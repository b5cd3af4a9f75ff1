"""Payloads to values: total parsers for every kind. Source: docs/log-format.md, "Kinds".

What does not have the shape of its kind makes the whole entry malformed. What has the shape but breaks a rule about
values (a file name, a size, a reason) is left to the fold, which ignores only the smallest part.
"""

from collections.abc import Callable

from ..errors import MalformedPayload
from ..names import ProjectName, is_project_name
from . import cbor
from .encode import encode_release, encode_yank
from .entries import (
    CLAIM,
    OWNER,
    RELEASE,
    ROLE,
    STATUS,
    YANK,
    Claim,
    Entry,
    FileRecord,
    OwnerStep,
    Release,
    Role,
    StatusChange,
    Yank,
)
from .envelope import unwrap
from .limits import MAX_FILES, MAX_TARGETS
from .reasons import valid_reason

__all__ = [
    "CLAIM",
    "OWNER",
    "RELEASE",
    "ROLE",
    "STATUS",
    "YANK",
    "Claim",
    "Entry",
    "FileRecord",
    "OwnerStep",
    "Release",
    "Role",
    "StatusChange",
    "Yank",
    "encode_release",
    "encode_yank",
    "parse_payload",
    "parse_registry_payload",
]


def parse_payload(kind: int, payload: bytes) -> Entry:
    """Parse one payload of a project log.

    Raises MalformedPayload, whose `code` is `unknown-kind`, `unknown-format` or `malformed-payload`.
    """
    parse = _PROJECT_KINDS.get(kind)
    if parse is None:
        raise _unknown(kind)
    return parse(payload)


def parse_registry_payload(kind: int, payload: bytes) -> Claim | OwnerStep:
    """Parse one payload of the registry log, which begins with rprev. Raises MalformedPayload like parse_payload."""
    if kind == CLAIM:
        return _claim(payload)
    if kind == OWNER:
        return _owner(payload[6:])
    raise _unknown(kind)


def _release(payload: bytes) -> Release:
    match cbor.decode(unwrap(payload)):
        case (str(requires_python), tuple(rows), *_) if len(rows) <= MAX_FILES:
            return Release(requires_python, tuple([_file_record(row) for row in rows]))
    raise MalformedPayload(f"a RELEASE is not [text, [up to {MAX_FILES} files], …]")


def _file_record(row: cbor.Value) -> FileRecord:
    match row:
        case (str(filename), int(size), sha256, dag_root, metadata_sha256, *_) if not isinstance(size, bool):
            return FileRecord(filename, size, _digest(sha256), _optional(dag_root), _optional(metadata_sha256))
    raise MalformedPayload("a file is not [text, unsigned, digest, digest or null, digest or null, …]")


def _digest(value: cbor.Value) -> bytes:
    if isinstance(value, bytes) and len(value) == 32:
        return value
    raise MalformedPayload("a digest is not 32 bytes")


def _optional(value: cbor.Value) -> bytes | None:
    return None if value is None else _digest(value)


def _yank(payload: bytes) -> Yank:
    match cbor.decode(unwrap(payload)):
        case (tuple(targets), bool(yanked), str(reason), *_) if len(targets) <= MAX_TARGETS:
            usable = reason if valid_reason(reason) else None
            return Yank(tuple([_target(target) for target in targets]), yanked, usable)
    raise MalformedPayload(f"a YANK is not [[up to {MAX_TARGETS} targets], boolean, text, …]")


def _target(value: cbor.Value) -> str | int:
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise MalformedPayload("a target is neither a text nor an unsigned integer")


def _claim(payload: bytes) -> Claim:
    name = payload[26:].decode("ascii", "replace")
    if len(payload) < 26 or not is_project_name(name):
        raise MalformedPayload("a CLAIM is not rprev, owner and a project name in normal form")
    return Claim(int.from_bytes(payload[:6], "big"), payload[6:26], ProjectName(name))


def _owner(payload: bytes) -> OwnerStep:
    if len(payload) != 21:
        raise MalformedPayload("an OWNER entry is not a step and an address")
    return OwnerStep(payload[0], payload[1:])


def _role(payload: bytes) -> Role:
    if len(payload) != 30:
        raise MalformedPayload("a ROLE is not an address and two times")
    return Role(payload[:20], int.from_bytes(payload[20:25], "big"), int.from_bytes(payload[25:], "big"))


def _status(payload: bytes) -> StatusChange:
    if not payload:
        raise MalformedPayload("a STATUS is empty")
    try:
        reason = payload[1:].decode("utf-8")
    except UnicodeDecodeError:
        return StatusChange(payload[0], None)
    return StatusChange(payload[0], reason if valid_reason(reason) else None)


def _unknown(kind: int) -> MalformedPayload:
    return MalformedPayload(f"kind 0x{kind:02x} is not known to this reader", code="unknown-kind")


_PROJECT_KINDS: dict[int, Callable[[bytes], Entry]] = {
    RELEASE: _release,
    YANK: _yank,
    CLAIM: _claim,
    OWNER: _owner,
    ROLE: _role,
    STATUS: _status,
}
