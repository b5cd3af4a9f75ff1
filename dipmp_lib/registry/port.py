"""The read port: everything that serves, publishes or proves reads registries through these two methods."""

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


class RegistryWrapper:
    """Delegates everything; a wrapper overrides only what it changes."""

    def __init__(self, inner: Registry) -> None:
        self.inner = inner

    def project_list(self, registry: RegistryAddress) -> ProjectList:
        """Delegate."""
        return self.inner.project_list(registry)

    def project(self, registry: RegistryAddress, name: ProjectName) -> Project:
        """Delegate."""
        return self.inner.project(registry, name)
