"""The vectors of tests/vectors/log, by the conventions of its README."""

import json
from functools import cache
from typing import Any, TypeAlias

from tests.support.repository import VECTORS

Vector: TypeAlias = dict[str, Any]

FOLDER = VECTORS / "log"


@cache
def load(file: str) -> dict[str, list[Any]]:
    """Return one vector file's arrays."""
    document = json.loads((FOLDER / file).read_text(encoding="utf-8"))
    return {key: rows for key, rows in document.items() if key != "about"}


def label(row: Vector | list[str]) -> str:
    """Return a vector's name for test reports."""
    if isinstance(row, list):
        return " / ".join(map(ascii, row))
    return str(row.get("name") or ascii(row.get("text", row.get("hex", "")))[:60])


def data(row: Vector | str) -> bytes:
    """Return the bytes of `hex` or `parts`, or of a bare hex string."""
    if isinstance(row, str):
        return bytes.fromhex(row)
    if "parts" in row:
        return b"".join(bytes.fromhex(part) * times for part, times in row["parts"])
    return bytes.fromhex(row["hex"])


def value(row: object) -> Any:  # noqa: ANN401 - whatever the vector holds
    """Return a value with its byte strings and large integers in place and its arrays as tuples."""
    if isinstance(row, list):
        return tuple(value(member) for member in row)
    if not isinstance(row, dict):
        return row
    if "uint" in row:
        return int(row["uint"])
    if "array_of" in row:
        return (value(row["array_of"]),) * row["times"]
    if set(row) == {"hex"} or set(row) == {"parts"}:
        return data(row)
    return {key: value(member) for key, member in row.items()}
