"""View of a registry for its page: facts, and its projects, all or those that a search finds. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...model.chains import CHAIN_IDS, explorer_url
from ...model.names import ProjectName, RegistryAddress, normalize_name
from ...model.pages import Project, ProjectList
from ...simple_api import clean
from ...simple_api.clients import Command, Index, index_on, install_commands
from ..policy import Tier
from ..services import Services, Site
from .format import chunks, page_number, take
from .project import catalogue, project_view

NAMES_PER_PAGE = 150
MAX_QUERY = 128


@dataclass(frozen=True, slots=True)
class RegistryView:
    """A page of a registry; `query` is the search, "" for none, and `found` the number of names that match it."""

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
    """Return the names that contain the query: first the name itself, then those that begin with it, then the others.

    Names are compared in PEP 503 normal form, so `Zope.Interface` finds `zope-interface`.
    """
    wanted = normalize_name(query)
    if not wanted:
        return names
    found = [name for name in names if wanted in name]
    return sorted(found, key=lambda name: (name != wanted, not name.startswith(wanted)))


@dataclass(frozen=True, slots=True)
class ServedRegistry:
    """A registry as this server serves it; `known` is False where the index URL has a placeholder for the host."""

    address: str
    index: Index
    known: bool
    pinned: bool
    chain: str
    chain_id: int | None

    def explorer(self, address: str) -> str:
        """Return the URL of an address in the chain's block explorer, "" where none is known."""
        return explorer_url(self.chain_id, address)

    def commands(self, project: str) -> tuple[Command, ...]:
        """Return the commands that install a project."""
        return install_commands(self.index, project)


def served_registry(site: Site, registry: RegistryAddress, *, pinned: bool) -> ServedRegistry:
    """Return how the server at `site` serves a registry."""
    chain_id = CHAIN_IDS.get(registry.chain) if registry.chain else site.chain_id
    return ServedRegistry(
        address=registry.checksummed,
        index=index_on(site.host_url, str(registry)),
        known=bool(site.host_url),
        pinned=pinned,
        chain=registry.chain,
        chain_id=chain_id,
    )


@dataclass(frozen=True, slots=True)
class Views:
    """Values of the templates, from pages and from queries, which may hold any text."""

    services: Services

    def registry(self, listed: ProjectList, query: Mapping[str, str]) -> Mapping[str, object]:
        """Return the values of registry.html."""
        view = registry_view(listed, query.get("q", ""), page_number(query.get("page", "")))
        return {"view": view, "served": self._served(listed.registry)}

    def project(self, project: Project, query: Mapping[str, str]) -> Mapping[str, object]:
        """Return the values of project.html."""
        number = page_number(query.get("page", ""))
        view = project_view(project, catalogue(project), number, self.services.last_seen)
        return {"view": view, "served": self._served(project.registry)}

    def _served(self, registry: RegistryAddress) -> ServedRegistry:
        site = self.services.site
        pinned = bool(site.pinned) and self.services.policy.tier_of(registry) is Tier.PINNED
        return served_registry(site, registry, pinned=pinned)
