"""Read port for routes: from memory on the event loop, otherwise in a worker thread, and as policy allows."""

from dataclasses import replace

from ..model.names import ProjectName, RegistryAddress
from ..model.pages import File, Project, ProjectList
from ..registry import CachedRegistry, Served
from .policy import Tier
from .services import Services
from .workers import Workers

_POLICY = "policy"


class AsyncRegistry:
    """Asynchronous read port. All methods raise NotServed and Denied for what the operator does not serve."""

    def __init__(self, services: Services, workers: Workers) -> None:
        self._registries = {Tier.PINNED: services.registry, Tier.OPEN: services.others or services.registry}
        self._workers = workers
        self._policy = services.policy

    async def project(self, address: RegistryAddress, name: ProjectName) -> Served[Project]:
        """Return a project as this server shows it. Raises what Registry.project raises."""
        served = await self.project_in_log(address, name)
        shown = self._policy.remembered(served.value)
        if shown is None:
            shown = await self._workers.run(address, lambda: self._policy.apply(served.value))
        return served if shown is served.value else replace(served, value=shown)

    async def project_in_log(self, address: RegistryAddress, name: ProjectName) -> Served[Project]:
        """Return a project with all files in its log; each still has to pass `require_file`."""
        registry = await self._admit(address, name)
        known = registry.peek(address, name)
        if known is not None:
            return known
        return await self._workers.run(address, lambda: registry.serve(address, name))

    async def project_list(self, address: RegistryAddress) -> Served[ProjectList]:
        """Return a registry's list, denied projects included. Raises what Registry.project_list raises."""
        registry = await self._admit(address)
        known = registry.peek(address)
        if known is not None:
            return known
        return await self._workers.run(address, lambda: registry.serve(address))

    def require_file(self, project: Project, file: File) -> None:
        """Raise Denied for a file of a project from `project_in_log` that must not be served."""
        self._policy.require_file(project, file)

    async def _admit(self, address: RegistryAddress, name: ProjectName | str = "") -> CachedRegistry:
        """Return the registry of the address's tier. Raises NotServed, Denied."""
        if self._policy.due():
            await self._workers.run(_POLICY, self._policy.check)
        return self._registries[self._policy.tier(address, name)]
