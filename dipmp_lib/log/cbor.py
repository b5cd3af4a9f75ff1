"""The strict CBOR subset of log format 1: one encoding per value, one value per encoding.

Unsigned integers, byte strings, UTF-8 text, arrays, true, false and null; definite lengths, shortest form, bounded
depth and item count, nothing trailing. Own code because hostile input decides here: general decoders accept tags,
floats, duplicate forms and indefinite lengths. Sources: RFC 8949, docs/log-format.md "CBOR".
"""

from collections.abc import Sequence
from typing import NoReturn, TypeAlias

from ..errors import MalformedPayload
from .limits import MAX_DEPTH, MAX_ITEMS

Value: TypeAlias = "int | bytes | str | bool | tuple[Value, ...] | None"
Encodable: TypeAlias = "int | bytes | str | bool | Sequence[Encodable] | None"

_UINT, _BYTES, _TEXT, _ARRAY = 0, 2, 3, 4
_SIMPLE: dict[int, bool | None] = {0xF4: False, 0xF5: True, 0xF6: None}
_WIDTHS = {24: 1, 25: 2, 26: 4, 27: 8}
_SHORTEST = {1: 24, 2: 1 << 8, 4: 1 << 16, 8: 1 << 32}


def decode(data: bytes) -> Value:
    """Decode exactly one value; arrays become tuples. Raises MalformedPayload for anything outside the subset."""
    decoder = _Decoder(data)
    value = decoder.value(0)
    if decoder.position != len(data):
        _refuse(f"{len(data) - decoder.position} bytes follow the value")
    return value


def encode(value: Encodable) -> bytes:
    """Encode a value in its only form. Raises MalformedPayload for a value outside the subset or its limits."""
    encoder = _Encoder()
    encoder.put(value, 0)
    return bytes(encoder.out)


class _Decoder:
    __slots__ = ("data", "items", "position")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0
        self.items = MAX_ITEMS

    def value(self, depth: int) -> Value:
        """Read one value that lies inside `depth` arrays."""
        self.items -= 1
        if self.items < 0:
            _refuse(f"there are more than {MAX_ITEMS} items")
        initial = self._take(1)[0]
        major = initial >> 5
        if major == _UINT:
            return self._argument(initial)
        if major == _BYTES:
            return self._take(self._argument(initial))
        if major == _TEXT:
            return self._text(self._take(self._argument(initial)))
        if major == _ARRAY:
            return self._array(self._argument(initial), depth)
        if initial not in _SIMPLE:
            _refuse(f"0x{initial:02x} begins a type that is not used here")
        return _SIMPLE[initial]

    def _array(self, length: int, depth: int) -> tuple[Value, ...]:
        if depth == MAX_DEPTH:
            _refuse(f"arrays are nested more than {MAX_DEPTH} deep")
        # Every item takes at least one byte, so a length beyond what is left is a lie: say so before allocating.
        if length > len(self.data) - self.position:
            _refuse(f"an array claims {length} items where {len(self.data) - self.position} bytes are left")
        return tuple([self.value(depth + 1) for _ in range(length)])

    def _argument(self, initial: int) -> int:
        info = initial & 0x1F
        if info < 24:
            return info
        width = _WIDTHS.get(info)
        if width is None:
            _refuse(f"0x{initial:02x} is reserved or of indefinite length")
        number = int.from_bytes(self._take(width), "big")
        if number < _SHORTEST[width]:
            _refuse(f"{number} is not in its shortest form")
        return number

    def _take(self, length: int) -> bytes:
        end = self.position + length
        if end > len(self.data):
            _refuse(f"{length} bytes are announced where {len(self.data) - self.position} are left")
        taken = self.data[self.position : end]
        self.position = end
        return taken

    @staticmethod
    def _text(data: bytes) -> str:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            _refuse("a text is not UTF-8")


class _Encoder:
    __slots__ = ("items", "out")

    def __init__(self) -> None:
        self.out = bytearray()
        self.items = MAX_ITEMS

    def put(self, value: Encodable, depth: int) -> None:
        """Append one value that lies inside `depth` arrays."""
        self.items -= 1
        if self.items < 0:
            _refuse(f"there are more than {MAX_ITEMS} items")
        if value is None or isinstance(value, bool):
            self.out.append({False: 0xF4, True: 0xF5, None: 0xF6}[value])
        elif isinstance(value, int):
            self._head(_UINT, value)
        elif isinstance(value, bytes):
            self._string(_BYTES, value)
        elif isinstance(value, str):
            self._string(_TEXT, _utf8(value))
        elif isinstance(value, (list, tuple)):
            self._array(value, depth)
        else:
            _refuse(f"a {type(value).__name__} cannot be encoded")

    def _array(self, values: "Sequence[Encodable]", depth: int) -> None:
        if depth == MAX_DEPTH:
            _refuse(f"arrays are nested more than {MAX_DEPTH} deep")
        self._head(_ARRAY, len(values))
        for value in values:
            self.put(value, depth + 1)

    def _string(self, major: int, data: bytes) -> None:
        self._head(major, len(data))
        self.out += data

    def _head(self, major: int, number: int) -> None:
        if not 0 <= number < 1 << 64:
            _refuse(f"{number} is not an unsigned 64-bit integer")
        if number < 24:
            self.out.append(major << 5 | number)
            return
        info, width = next((info, width) for info, width in _WIDTHS.items() if number < 1 << 8 * width)
        self.out.append(major << 5 | info)
        self.out += number.to_bytes(width, "big")


def _utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        _refuse("a text holds a lone surrogate")


def _refuse(problem: str) -> NoReturn:
    raise MalformedPayload(f"the CBOR cannot be read: {problem}")
