"""What the templates of registries and projects are given."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...model import Project, ProjectList
from ...names import RegistryAddress
from ...policy import Tier
from ..services import Services
from .catalogue import catalogue
from .origin import Origin, origin_of
from .paging import page_number
from .project import project_view
from .registry import registry_view


@dataclass(frozen=True, slots=True)
class Views:
    """Makes them; a query may hold anything."""

    services: Services

    def registry(self, listed: ProjectList, query: Mapping[str, str]) -> Mapping[str, object]:
        """Return the values of registry.html."""
        view = registry_view(listed, query.get("q", ""), page_number(query.get("page", "")))
        return {"view": view, "origin": self._origin(listed.registry)}

    def project(self, project: Project, query: Mapping[str, str]) -> Mapping[str, object]:
        """Return the values of project.html."""
        number = page_number(query.get("page", ""))
        view = project_view(project, catalogue(project), number, self.services.last_seen)
        return {"view": view, "origin": self._origin(project.registry)}

    def _origin(self, registry: RegistryAddress) -> Origin:
        site = self.services.site
        pinned = bool(site.pinned) and self.services.policy.tier_of(registry) is Tier.PINNED
        return origin_of(site, registry, pinned=pinned)
