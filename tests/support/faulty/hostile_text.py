"""The corpus of hostile strings (tests/vectors/hostile), and payloads of logs with such strings."""

import json
from functools import cache
from typing import Any

from dipmp_lib.log import cbor
from dipmp_lib.log.payload import wrap
from tests.support.repository import VECTORS

FILE = VECTORS / "hostile" / "strings.json"


@cache
def hostile_strings() -> tuple[str, ...]:
    """Return the corpus, repeated strings last."""
    document = json.loads(FILE.read_text(encoding="ascii"))
    written = [text for texts in document["groups"].values() for text in texts]
    return (*written, *(text * times for text, times in document["repeated"]))


@cache
def short_strings() -> tuple[str, ...]:
    """Return the strings that fit into one entry of a log."""
    return tuple(text for text in hostile_strings() if len(text) <= 400)


def raw_text(text: str) -> bytes:
    """Return the text as a hostile writer puts it on chain, surrogates included."""
    return text.encode("utf-8", "surrogatepass")


def with_text(value: Any, text: str) -> bytes:  # noqa: ANN401 - nested lists of whatever CBOR takes
    """Return a payload with the text's bytes, valid UTF-8 or not, in place of every "@" in the value."""
    stand_in = "\x01" * len(raw_text(text))
    plain = cbor.encode(_replaced(value, stand_in))
    return wrap(plain.replace(stand_in.encode(), raw_text(text)) if stand_in else plain)


def _replaced(value: Any, text: str) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [_replaced(member, text) for member in value]
    return value.replace("@", text) if isinstance(value, str) else value
