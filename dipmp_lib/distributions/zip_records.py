"""Records of zip archives: layouts, signatures and headers. Source: APPNOTE.TXT 6.3.10, sections 4.3 to 4.5."""

import struct
from dataclasses import dataclass

END = struct.Struct("<4s4H2LH")
END64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR = struct.Struct("<4sLQL")
CENTRAL = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")
_LENGTHS = struct.Struct("<2H")
END_SIGN, END64_SIGN, LOCATOR_SIGN = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
CENTRAL_SIGN, LOCAL_SIGN, DESCRIPTOR_SIGN = b"PK\x01\x02", b"PK\x03\x04", b"PK\x07\x08"

ENCRYPTED, DESCRIPTOR, PATCH, STRONG, UTF8, MASKED = 1, 1 << 3, 1 << 5, 1 << 6, 1 << 11, 1 << 13
STORED, DEFLATED = 0, 8
_ZIP64, _UNICODE_NAME = 0x0001, 0x7075
_WIDE = 0xFFFFFFFF
_UNIX = 3
"""The system in "version made by" whose external attributes hold a file mode."""


class AmbiguityError(ValueError):
    """Two programs could read two different archives."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"is a zip archive that two programs can read differently ({reason})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipHeader:
    """A member's local or central header. Only the central one has `offset` and `mode` (POSIX); sizes are in bytes."""

    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int = 0
    mode: int = 0
    length: int = 0
    """Bytes of the header itself, with its name and extra field."""


def parse_central(data: bytes, at: int) -> ZipHeader:
    """Parse the central header at `at`. Raises AmbiguityError, struct.error."""
    fields = CENTRAL.unpack_from(data, at)
    sign, made, _, flags, method, _, _, crc, packed, size, names, extras, comment, disk, _, attributes, offset = fields
    length = CENTRAL.size + names + extras
    if sign != CENTRAL_SIGN or at + length > len(data):
        raise AmbiguityError("its directory is shorter than its end record says")
    if comment:
        raise AmbiguityError("its directory has comments")
    if disk:
        raise AmbiguityError("it spans several disks")
    name = data[at + CENTRAL.size : at + CENTRAL.size + names]
    extra = _extras(data[at + CENTRAL.size + names : at + length], name)
    size, packed, offset = _widen(extra, size, packed, offset)
    unix = made >> 8 == _UNIX
    return ZipHeader(
        raw_name=name,
        flags=flags,
        method=method,
        crc=crc,
        packed=packed,
        size=size,
        offset=offset,
        mode=attributes >> 16 if unix else 0,
        length=length,
    )


def local_length(fixed: bytes) -> int:
    """Return the length of the local header whose first 30 bytes are `fixed`. Raises AmbiguityError."""
    if not fixed.startswith(LOCAL_SIGN):
        raise AmbiguityError("a member does not begin where its directory says")
    names, extras = _LENGTHS.unpack(fixed[-_LENGTHS.size :])
    return LOCAL.size + int(names) + int(extras)


def parse_local(data: bytes) -> ZipHeader:
    """Parse a whole local header. Raises AmbiguityError."""
    _, _, flags, method, _, _, crc, packed, size, names, _ = LOCAL.unpack_from(data)
    name = data[LOCAL.size : LOCAL.size + names]
    extra = _extras(data[LOCAL.size + names :], name)
    if extra is not None and len(extra) == 16:
        wide_size, wide_packed = struct.unpack("<2Q", extra)
        if size not in (_WIDE, wide_size) or packed not in (_WIDE, wide_packed):
            raise AmbiguityError("a member has two sizes")
        size, packed = wide_size, wide_packed
    else:
        size, packed = _widen(extra, size, packed)
    return ZipHeader(raw_name=name, flags=flags, method=method, crc=crc, packed=packed, size=size, length=len(data))


def _extras(data: bytes, name: bytes) -> bytes | None:
    """Return the zip64 field's content, None where there is none. Raises AmbiguityError."""
    found: dict[int, bytes] = {}
    while data:
        if len(data) < 4:
            raise AmbiguityError("an extra field is cut off")
        kind, length = struct.unpack_from("<2H", data)
        content, data = data[4 : 4 + length], data[4 + length :]
        if len(content) != length:
            raise AmbiguityError("an extra field is cut off")
        if kind in found and kind in (_ZIP64, _UNICODE_NAME):
            raise AmbiguityError("a member has an extra field twice")
        found[kind] = content
    if _UNICODE_NAME in found and found[_UNICODE_NAME][5:] != name:
        raise AmbiguityError("a member has two names")
    return found.get(_ZIP64)


def _widen(extra: bytes | None, *values: int) -> tuple[int, ...]:
    """Replace each value that does not fit 32 bits by the next one of the zip64 field. Raises AmbiguityError."""
    wide = sum(value == _WIDE for value in values)
    if extra is None and wide == 0:
        return values
    if extra is None or len(extra) != 8 * wide:
        raise AmbiguityError("a zip64 field does not fit its header")
    rest = iter(struct.unpack(f"<{wide}Q", extra))
    return tuple(next(rest) if value == _WIDE else value for value in values)
