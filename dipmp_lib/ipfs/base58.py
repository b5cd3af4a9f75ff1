"""base58btc codec, for multibase `z` and CIDv0: the Bitcoin alphabet, with a leading 1 for each leading zero byte."""

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def encode(data: bytes) -> str:
    """Return `data` in base58btc."""
    number, out = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, 58)
        out = _ALPHABET[digit] + out
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + out


def decode(text: str) -> bytes:
    """Return the bytes. Raises ValueError. Takes time quadratic in the length, which the caller bounds."""
    number = 0
    for char in text:
        number = number * 58 + _ALPHABET.index(char)
    return bytes(len(text) - len(text.lstrip("1"))) + number.to_bytes((number.bit_length() + 7) // 8)
