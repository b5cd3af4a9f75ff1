"""Reading a registry for a request: from memory on the event loop, otherwise in a worker thread."""

from ..cache import CachedRegistry, Served
from ..model import Project, ProjectList
from ..names import ProjectName, RegistryAddress
from .workers import Workers


class Reads:
    """The read port as the routes use it."""

    def __init__(self, registry: CachedRegistry, workers: Workers) -> None:
        self._registry = registry
        self._workers = workers

    async def project(self, address: RegistryAddress, name: ProjectName) -> Served[Project]:
        """Return a project. Raises what Registry.project raises."""
        known = self._registry.peek(address, name)
        if known is not None:
            return known
        return await self._workers.run(address, lambda: self._registry.serve(address, name))

    async def project_list(self, address: RegistryAddress) -> Served[ProjectList]:
        """Return a registry's list. Raises what Registry.project_list raises."""
        known = self._registry.peek(address)
        if known is not None:
            return known
        return await self._workers.run(address, lambda: self._registry.serve(address))
