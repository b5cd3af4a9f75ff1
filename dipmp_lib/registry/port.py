"""The read port: all that serve, publish or prove read registries through it."""

from typing import Protocol

from ..model.names import ProjectName, RegistryAddress
from ..model.pages import Project, ProjectList


class Registry(Protocol):
    """Reads registries. Implementations are safe to call from several threads."""

    def project_list(self, registry: RegistryAddress) -> ProjectList:
        """Return the registry's projects.

        Raises RegistryNotFound when the chain proves that no registry is there, MalformedLog when its answer does
        not verify, Upstream when the chain cannot be asked.
        """
        ...

    def project(self, registry: RegistryAddress, name: ProjectName) -> Project:
        """Return one project.

        Raises ProjectNotFound when the registry is there and has no such project, and all that project_list raises.
        """
        ...
