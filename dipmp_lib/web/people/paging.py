"""Long things in pages of bounded size. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One of `count` pages; numbers begin with 1."""

    items: Sequence[T]
    number: int
    count: int


def page_number(text: str) -> int:
    """Return the page that a query asks for; the first one for whatever is no number."""
    return int(text) if _NUMBER.fullmatch(text) else 1


def take(pages: Sequence[Sequence[T]], wanted: int) -> Page[T]:
    """Return a page, the last one where there are not so many; of nothing there is one page, which is empty."""
    if not pages:
        return Page((), 1, 1)
    number = min(wanted, len(pages))
    return Page(pages[number - 1], number, len(pages))


def chunks(items: Sequence[T], limit: int) -> list[Sequence[T]]:
    """Return the items in groups of `limit`."""
    return [items[at : at + limit] for at in range(0, len(items), limit)]


def bundles(groups: Iterable[Sequence[T]], limit: int) -> Iterator[list[Sequence[T]]]:
    """Yield as many whole groups at a time as have `limit` items together; a larger group is cut into several."""
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
