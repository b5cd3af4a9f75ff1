"""Registries read from chains: projects, lists, and which chain an address is on."""

import pytest

from dipmp_lib.errors import InvalidAddress, MalformedLog
from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.registry import MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry
from tests.support.fakes.chain import ChainSimulator
from tests.support.files.logs import OWNER_KEY, PUBLISHER
from tests.support.systems.chain_reader import BAR, FOO, ChainReader


def test_a_project_is_what_its_log_says(world: ChainReader) -> None:
    world.publish("1.0", "1.1")
    project = world.read()
    assert (project.registry, project.name, project.count) == (world.at, FOO, 3)
    assert project.head == world.model.logs[next(k for k in world.model.logs if any(k))].head
    assert project.owner == OWNER_KEY
    assert [(file.filename, file.entry) for file in project.files] == [("foo-1.0.tar.gz", 1), ("foo-1.1.tar.gz", 2)]
    assert not project.notes
    assert not project.incomplete


def test_the_project_list_is_the_registry_log(world: ChainReader) -> None:
    world.publish("1.0", name=FOO)
    world.publish("1.0", name=BAR)
    listed = world.reader.project_list(world.at)
    assert (listed.names, listed.count, listed.registry) == ((BAR, FOO), 2, world.at)
    world.publish("1.0", name=ProjectName("baz"))
    world.sim.reset()
    assert world.reader.project_list(world.at).names == ("bar", "baz", "foo")
    assert world.sim.calls == ["eth_call"]


def test_logs_of_several_projects_are_interleaved_and_kept_apart(world: ChainReader) -> None:
    for version in ("1", "2", "3"):
        for name in (FOO, BAR):
            world.publish(version, name=name)
    assert world.versions(FOO) == world.versions(BAR) == ["1", "2", "3"]


def test_owner_changes_are_followed(world: ChainReader) -> None:
    world.publish("1.0")
    world.model.transfer(OWNER_KEY, world.sim.time, FOO, PUBLISHER)
    assert world.read().owner == OWNER_KEY
    world.model.accept(PUBLISHER, world.sim.time, FOO)
    assert world.read().owner == PUBLISHER


def test_an_empty_registry_is_an_empty_list(world: ChainReader) -> None:
    listed = world.reader.project_list(world.at)
    assert (listed.names, listed.count, listed.head) == ((), 0, bytes(32))


def test_chains_are_chosen_by_short_name() -> None:
    worlds = {"": ChainSimulator(8453), "eth": ChainSimulator(1)}
    models = {name: sim.deploy() for name, sim in worlds.items()}
    for name, sim in worlds.items():
        sim.release(models[name], FOO, f"foo-{sim.chain_id}.tar.gz")
    reader = ChainRegistry({name: Chain(sim) for name, sim in worlds.items()}, MemoryLogStore())
    address = models[""].address
    assert models["eth"].address == address

    def version(chain: str) -> str:
        return reader.project(RegistryAddress(address, chain), FOO).files[0].version

    assert (version(""), version("eth")) == ("8453", "1")
    assert version("base") == "8453"  # the default chain by its name
    for unknown in ("oeth", "nonsense"):
        with pytest.raises(InvalidAddress, match=f"does not read {unknown}:") as caught:
            version(unknown)
        assert "eth:" in caught.value.hint


def test_a_reader_without_default_chain_says_so() -> None:
    reader = ChainRegistry({"eth": Chain(ChainSimulator(1))}, MemoryLogStore())
    with pytest.raises(InvalidAddress, match="addresses without a chain") as caught:
        reader.project_list(RegistryAddress(bytes(20)))
    assert caught.value.hint == "it reads eth:"


def test_the_head_binds_chain_and_address(world: ChainReader) -> None:
    """The log of another chain or registry, served under this one's name, does not verify."""
    world.publish("1.0")
    elsewhere = ChainSimulator(1)
    elsewhere.registries = world.sim.registries
    with pytest.raises(MalformedLog):
        ChainRegistry({"": Chain(elsewhere)}, MemoryLogStore()).project(world.at, FOO)
    world.sim.registries[b"\x09" * 20] = world.model
    with pytest.raises(MalformedLog):
        world.reader.project(RegistryAddress(b"\x09" * 20), FOO)


def test_the_wanted_block_is_read() -> None:
    blocks: list[object] = []

    class Recording(ChainSimulator):
        def request(self, method: str, params: object) -> object:
            assert isinstance(params, list)
            blocks.extend(params[1:])
            return super().request(method, params)

    sim = Recording()
    model = sim.deploy()
    reader = ChainRegistry({"": Chain(sim)}, MemoryLogStore(), block="finalized")
    reader.project_list(sim.address_of(model))
    assert set(map(str, blocks)) == {"finalized"}
