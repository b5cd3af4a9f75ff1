"""Content negotiation: the three formats, and which one an Accept header asks for.

Sources: RFC 9110 section 12.5.1 (media ranges, weights, the most specific range decides), PEP 691 (types, `latest`).
"""

import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache

_V1 = "application/vnd.pypi.simple.v1"
_LATEST = "application/vnd.pypi.simple.latest"
_RANGE = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+/[a-z0-9!#$%&'*+.^_`|~-]+")
_WEIGHT = re.compile(r"(?:0|1)(?:\.[0-9]*)?|\.[0-9]+")
_MAX_HEADER, _MAX_ITEMS = 4096, 64


class Format(Enum):
    """A format of the Simple API; the value is the Content-Type that a response carries."""

    JSON = f"{_V1}+json"
    HTML = f"{_V1}+html"
    TEXT_HTML = "text/html; charset=utf-8"

    @property
    def content_type(self) -> str:
        """The Content-Type header of a response; never a `latest` alias (PEP 691)."""
        return self.value


DEFAULT = Format.TEXT_HTML
"""For clients without a preference: browsers, scripts, and tools older than PEP 691."""

_NAMES = {
    Format.JSON: (f"{_V1}+json", f"{_LATEST}+json"),
    Format.HTML: (f"{_V1}+html", f"{_LATEST}+html"),
    Format.TEXT_HTML: ("text/html",),
}


def weighted(header: str) -> Iterator[tuple[str, float]]:
    """Yield the (lower-case item, weight) pairs of an Accept or Accept-Encoding header.

    Total: parameters other than `q` are dropped, an item with an unreadable weight is skipped, and only the first 64
    items of the first 4,096 characters are read.
    """
    for item in header[:_MAX_HEADER].lower().split(",")[:_MAX_ITEMS]:
        name, *parameters = (part.strip() for part in item.split(";"))
        weight = _weight(parameters)
        if name and weight is not None:
            yield name, weight


def _weight(parameters: list[str]) -> float | None:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            value = value.strip()
            return min(float(value), 1.0) if _WEIGHT.fullmatch(value) else None
    return 1.0


def negotiate(accept: str | None) -> Format | None:
    """Return the format that an Accept header asks for, None if it accepts none of the three.

    Takes any text. No header, an empty one and one without a readable media range state no preference: DEFAULT.
    """
    return _negotiate((accept or "")[:_MAX_HEADER])


@lru_cache(512)  # each client always sends the same header
def _negotiate(accept: str) -> Format | None:
    ranges = [(name, weight) for name, weight in weighted(accept) if _RANGE.fullmatch(name)]
    if not ranges:
        return DEFAULT
    weight, _, _, best = max(((*_score(fmt, ranges), fmt) for fmt in Format), key=lambda row: row[:3])
    return best if weight > 0 else None


def _score(fmt: Format, ranges: list[tuple[str, float]]) -> tuple[float, int, int]:
    """Return (weight, specificity, preference): of the ranges that match, the most specific one decides the weight."""
    names = _NAMES[fmt]
    groups = (names, (names[0].partition("/")[0] + "/*",), ("*/*",))
    for specificity, group in zip((2, 1, 0), groups, strict=True):
        weights = [weight for name, weight in ranges if name in group]
        if weights:
            return max(weights), specificity, _preference(fmt, specificity)
    return 0.0, 0, 0


def _preference(fmt: Format, specificity: int) -> int:
    # A client that names types knows the API and gets the richest; one that sends */* may expect HTML.
    if specificity == 0 and fmt is DEFAULT:
        return 1
    return -list(Format).index(fmt)
