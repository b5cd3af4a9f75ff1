"""A reader of one registry on a simulated chain, with a clock that tests move."""

from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.model.pages import Project
from dipmp_lib.registry import MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry, ReadLimits
from tests.support.fakes.chain import ChainSimulator
from tests.support.model.contract import ChainModel

FOO, BAR = ProjectName("foo"), ProjectName("bar")


class ChainReader:
    """A simulated chain with one registry, and a reader of it."""

    def __init__(self) -> None:
        self.sim = ChainSimulator()
        self.model: ChainModel = self.sim.deploy()
        self.at: RegistryAddress = self.sim.address_of(self.model)
        self.store = MemoryLogStore()
        self.now = 1000.0
        self.reader = self.new_reader()

    def new_reader(self, limits: ReadLimits | None = None, *also: ChainSimulator) -> ChainRegistry:
        """Return another reader with the same store, and with more endpoints."""
        chain = Chain(self.sim, None, fallbacks=also)
        return ChainRegistry({"": chain}, self.store, limits=limits, clock=lambda: self.now)

    def publish(self, *versions: str, name: ProjectName = FOO) -> None:
        """Append a release of one sdist for each version."""
        for version in versions:
            self.sim.release(self.model, name, f"{name}-{version}.tar.gz")

    def read(self, name: ProjectName = FOO) -> Project:
        """Read a project."""
        return self.reader.project(self.at, name)

    def versions(self, name: ProjectName = FOO) -> list[str]:
        """Read a project's versions, one a file."""
        return [file.version for file in self.read(name).files]
