"""A registry as its page shows it: facts, and its projects, all or those that a search finds. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...model import ProjectList
from ...names import ProjectName, normalize_name
from ...simple_api import clean
from .paging import chunks, take

NAMES_PER_PAGE = 150
MAX_QUERY = 128


@dataclass(frozen=True, slots=True)
class RegistryView:
    """A page of a registry; `query` is what was searched for, "" for nothing, and `found` how many names have it."""

    address: str
    head: str
    entries: int
    projects: int
    names: Sequence[str]
    query: str
    found: int
    number: int
    count: int
    incomplete: bool
    note_count: int


def registry_view(listed: ProjectList, query: str, number: int) -> RegistryView:
    """Return one page of the registry; the last one where `number` is too high."""
    query = clean(query.strip()[:MAX_QUERY])
    found = search(listed.names, query)
    page = take(chunks(found, NAMES_PER_PAGE), number)
    return RegistryView(
        address=clean(str(listed.registry)),
        head="0x" + listed.head.hex(),
        entries=listed.count,
        projects=len(listed.names),
        names=[clean(name) for name in page.items],
        query=query,
        found=len(found),
        number=page.number,
        count=page.count,
        incomplete=listed.incomplete,
        note_count=len(listed.notes),
    )


def search(names: Sequence[ProjectName], query: str) -> Sequence[ProjectName]:
    """Return the names that hold the query: first the name itself, then those that begin with it, then the others.

    Names are compared in PEP 503 normal form, so `Zope.Interface` finds `zope-interface`.
    """
    wanted = normalize_name(query)
    if not wanted:
        return names
    found = [name for name in names if wanted in name]
    return sorted(found, key=lambda name: (name != wanted, not name.startswith(wanted)))
