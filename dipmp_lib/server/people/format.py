"""Values as people read them, and lists cut into pages. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import quote

from ...simple_api import timestamp

_UNITS = ("kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time: `iso` (RFC 3339) for programs, `text` for people, both UTC."""

    iso: str
    text: str


def moment(seconds: float) -> Moment:
    """Return a unix time as a moment."""
    iso = timestamp(int(seconds))
    return Moment(iso, f"{iso[:10]} {iso[11:16]} UTC")


def size(count: int) -> str:
    """Return a number of bytes with a decimal unit."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in _UNITS:
        value /= 1000
        if value < 999.5 or unit == _UNITS[-1]:
            break
    return f"{value:.1f} {unit}" if value < 99.95 else f"{value:.0f} {unit}"


def number(count: int) -> str:
    """Return a number with commas between its thousands."""
    return f"{count:,}"


def shortened(text: str) -> str:
    """Return the two ends of an address or digest, which is enough to recognise it and not to verify it."""
    return text if len(text) <= 14 else f"{text[:6]}…{text[-4:]}"


def segment(text: str) -> str:
    """Return a text quoted as one segment of a relative URL, not its first; the colon of `base:0x…` stays."""
    return quote(text, safe=":")


T = TypeVar("T")

_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class PageNumber(Generic[T]):
    """The items on page `number` of `count`; numbers begin with 1."""

    items: Sequence[T]
    number: int
    count: int


def page_number(text: str) -> int:
    """Return the page number in a query; 1 for any text that is no number."""
    return int(text) if _NUMBER.fullmatch(text) else 1


def take(pages: Sequence[Sequence[T]], wanted: int) -> PageNumber[T]:
    """Return the wanted page, or the last one where there are fewer; without any, one empty page."""
    if not pages:
        return PageNumber((), 1, 1)
    number = min(wanted, len(pages))
    return PageNumber(pages[number - 1], number, len(pages))


def chunks(items: Sequence[T], limit: int) -> list[Sequence[T]]:
    """Return the items in groups of `limit`."""
    return [items[at : at + limit] for at in range(0, len(items), limit)]


def bundles(groups: Iterable[Sequence[T]], limit: int) -> Iterator[list[Sequence[T]]]:
    """Yield lists of whole groups with at most `limit` items together; a larger group is cut into several."""
    bundle: list[Sequence[T]] = []
    room = limit
    for group in groups:
        for part in chunks(group, limit):
            if len(part) > room:
                yield bundle
                bundle, room = [], limit
            bundle.append(part)
            room -= len(part)
    if bundle:
        yield bundle
