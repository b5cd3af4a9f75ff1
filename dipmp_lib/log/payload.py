"""Payloads of log entries: total parsers for every kind, and encoders. Source: docs/log-format.md, "Kinds".

A payload without the shape of its kind is malformed as a whole. One that breaks a rule about values (a file name, a
size, a reason) is left to the fold, which ignores only the smallest part. The encoders refuse both.
"""

import zlib
from collections.abc import Callable, Sequence

from ..errors import MalformedPayload
from ..model.filenames import Filename, parse_filename
from ..model.names import ProjectName, is_project_name
from . import cbor
from .blob import MAX_PAYLOAD
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
from .limits import MAX_FILES, MAX_INFLATED, MAX_TARGETS
from .rules import Rejection, check_file, check_requires_python, valid_reason

PLAIN = 0
DEFLATE = 1
_RAW = -zlib.MAX_WBITS


def unwrap(payload: bytes) -> bytes:
    """Return the CBOR of a payload, at most MAX_INFLATED bytes. Raises MalformedPayload (`unknown-format`)."""
    if not payload:
        raise MalformedPayload("the payload is empty")
    if payload[0] == PLAIN:
        return payload[1:]
    if payload[0] == DEFLATE:
        return _inflate(payload[1:])
    raise MalformedPayload(f"format {payload[0]} is not known to this reader", code="unknown-format")


def wrap(cbor: bytes) -> bytes:
    """Return the shorter of both formats. Raises MalformedPayload when even that is too long for one entry."""
    if len(cbor) > MAX_INFLATED:
        raise MalformedPayload(f"the entry has {len(cbor)} bytes, more than the {MAX_INFLATED} that a reader inflates")
    compressor = zlib.compressobj(9, zlib.DEFLATED, _RAW, 9)
    deflated = compressor.compress(cbor) + compressor.flush()
    payload = bytes((DEFLATE,)) + deflated if len(deflated) < len(cbor) else bytes((PLAIN,)) + cbor
    if len(payload) > MAX_PAYLOAD:
        raise MalformedPayload(
            f"the entry takes {len(payload)} bytes, more than the {MAX_PAYLOAD} of one blob",
            hint="split the release into several entries",
        )
    return payload


def _inflate(data: bytes) -> bytes:
    """Inflate one complete stream; never holds more than one byte beyond the limit."""
    inflater = zlib.decompressobj(_RAW)
    try:
        inflated = inflater.decompress(data, MAX_INFLATED + 1)
    except zlib.error as error:
        raise MalformedPayload("the DEFLATE stream is broken") from error
    if len(inflated) > MAX_INFLATED:
        raise MalformedPayload(f"the DEFLATE stream inflates to more than {MAX_INFLATED} bytes")
    if not inflater.eof:
        raise MalformedPayload("the DEFLATE stream ends early")
    if inflater.unused_data:
        raise MalformedPayload(f"{len(inflater.unused_data)} bytes follow the DEFLATE stream")
    return inflated


def encode_release(release: Release) -> bytes:
    """Return the payload of a RELEASE, in the shorter format.

    Raises MalformedPayload for what readers would ignore, InvalidFilename for the name of the first file.
    """
    if not 1 <= len(release.files) <= MAX_FILES:
        raise MalformedPayload(f"a release has {len(release.files)} files, not 1 to {MAX_FILES}")
    _refuse(check_requires_python(release.requires_python))
    first = parse_filename(release.files[0].filename)
    keys = [_checked(record, first).key for record in release.files]
    if len(set(keys)) != len(keys):
        raise MalformedPayload("two files of the release are one and the same to readers", code="duplicate-file")
    return wrap(cbor.encode([release.requires_python, [_row(record) for record in release.files]]))


def encode_yank(yank: Yank) -> bytes:
    """Return the payload of a YANK, in the shorter format.

    Raises MalformedPayload for what readers would ignore, InvalidFilename for a target that no file can have.
    """
    if not 1 <= len(yank.targets) <= MAX_TARGETS:
        raise MalformedPayload(f"a yank has {len(yank.targets)} targets, not 1 to {MAX_TARGETS}")
    if yank.reason is None or not valid_reason(yank.reason):
        raise MalformedPayload("a reason has at most 512 characters and no controls", code="bad-reason")
    for target in yank.targets:
        if isinstance(target, str):
            parse_filename(target)
    return wrap(cbor.encode([list(yank.targets), yank.yanked, yank.reason]))


def _checked(record: FileRecord, first: Filename) -> Filename:
    name = check_file(record, first.project)
    if isinstance(name, Rejection):
        raise MalformedPayload(f"{record.filename}: {name.detail}", code=name.code)
    if name.version_key != first.version_key:
        raise MalformedPayload(f"{name.text} is not of version {first.version}", code="other-version")
    for digest in (record.sha256, record.dag_root, record.metadata_sha256):
        if digest is not None and len(digest) != 32:
            raise MalformedPayload(f"{record.filename}: a digest is not 32 bytes")
    return name


def _row(record: FileRecord) -> Sequence[cbor.Value]:
    return [record.filename, record.size, record.sha256, record.dag_root, record.metadata_sha256]


def _refuse(problem: Rejection | None) -> None:
    if problem is not None:
        raise MalformedPayload(problem.detail, code=problem.code)


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
