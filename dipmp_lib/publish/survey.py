"""Reads what a plan needs to know: the projects as they are, and what the key may do."""

from collections.abc import Iterable

from ..errors import ProjectNotFound, PublishError
from ..model import Project
from ..names import ProjectName, RegistryAddress
from ..registry import Registry
from ..writer import Writer


def read_projects(
    registry: Registry, address: RegistryAddress, names: Iterable[ProjectName]
) -> dict[ProjectName, Project | None]:
    """Return each project, None for names that the registry proves to be free. Raises as the Registry port says."""
    found: dict[ProjectName, Project | None] = {}
    for name in sorted(set(names)):
        try:
            found[name] = registry.project(address, name)
        except ProjectNotFound:
            found[name] = None
    return found


def read_claims(writer: Writer, projects: dict[ProjectName, Project | None]) -> dict[ProjectName, PublishError]:
    """Return why free names cannot be claimed, for those that cannot: they look like others, or curators claim them."""
    refused = {name: writer.claim_refusal(name) for name, project in projects.items() if project is None}
    return {name: error for name, error in refused.items() if error is not None}


def read_permissions(
    writer: Writer, projects: dict[ProjectName, Project | None], actor: bytes
) -> dict[ProjectName, int]:
    """Return when the key's permission ends for each project that somebody else owns."""
    return {
        name: writer.publisher_until(name)
        for name, project in projects.items()
        if project is not None and project.owner != actor
    }
