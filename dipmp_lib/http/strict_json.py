"""Strict JSON parser (RFC 8259) for hostile input: bounded in values and depth, no ambiguous texts."""

import json
import math
import re

from ..errors import MalformedAnswer

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def require_depth(text: bytes, depth: int) -> None:
    """Raise ValueError unless the brackets outside strings are balanced and nest at most `depth` deep."""
    brackets = _STRING.sub(b"", text).translate(None, _NOT_BRACKETS)
    for _ in range(depth):
        if not brackets:
            return
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    if brackets:
        raise ValueError("too deep, or not balanced")


MAX_VALUES = 100_000
"""Commas, colons and opening brackets in one text: bounds the objects that a few bytes each can make."""

MAX_DEPTH = 32


def parse(body: bytes, max_values: int = MAX_VALUES) -> object:
    """Parse one JSON text in UTF-8. Raises MalformedAnswer.

    Refused besides bad syntax: duplicate keys, NaN and infinities, integers of thousands of digits, extreme depth.
    """
    if sum(map(body.count, (b",", b":", b"[", b"{"))) > max_values:
        raise MalformedAnswer(f"a JSON text has more than {max_values} values")
    try:
        require_depth(body, MAX_DEPTH)
        return json.loads(
            body.decode(), object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite
        )
    except ValueError:  # JSON and UTF-8 errors are ValueErrors; their texts quote the peer
        raise MalformedAnswer("a JSON text cannot be parsed") from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate key")
    return members


def _refuse_constant(word: str) -> object:
    raise ValueError(word)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not finite")
    return number
