"""Unsigned varint codec of multiformats and protobuf: least significant 7 bits first, shortest form only.

Sources: multiformats/unsigned-varint (at most 9 bytes, so every value is below 2^63).
"""

from ..errors import MalformedCar

MAX_LENGTH = 9


def encode(value: int) -> bytes:
    """Return the shortest encoding of `value`, which is at least 0 and below 2^63."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def decode(data: bytes, offset: int = 0) -> tuple[int, int]:
    """Return the value at `offset` and the offset after it. Raises MalformedCar."""
    value = 0
    for index, byte in enumerate(data[offset : offset + MAX_LENGTH]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            if byte == 0 and index:
                raise MalformedCar(f"the varint at byte {offset} is not in its shortest form")
            return value, offset + index + 1
    raise MalformedCar(f"the varint at byte {offset} does not end")
