"""Presence of registries: absence has to be proven, and is never believed of a registry that was seen."""

import pytest

from dipmp_lib.errors import ProjectNotFound, RegistryNotFound, Reverted, Upstream
from dipmp_lib.model.names import RegistryAddress
from dipmp_lib.registry.chain import Chain, ChainRegistry
from tests.support.fakes.chain import ChainSimulator
from tests.support.systems.chain_reader import BAR, FOO, ChainReader


def test_an_unknown_project_is_absent_only_of_a_proven_registry(world: ChainReader) -> None:
    world.publish("1.0")
    with pytest.raises(ProjectNotFound, match="no project 'bar'") as caught:
        world.read(BAR)
    assert str(world.at) in str(caught.value)
    assert caught.value.hint
    assert "eth_getCode" in world.sim.calls
    world.sim.reset()
    with pytest.raises(ProjectNotFound):
        world.read(BAR)
    assert world.sim.calls == ["eth_call"]  # proven once is enough


def test_an_empty_address_is_no_registry(world: ChainReader) -> None:
    nowhere = RegistryAddress(b"\x01" * 20)
    for ask in (world.reader.project_list, lambda at: world.reader.project(at, FOO)):
        with pytest.raises(RegistryNotFound, match="chain 8453: no contract there answers") as caught:
            ask(nowhere)
        assert str(nowhere) in str(caught.value)
        assert caught.value.hint


ZERO_ANSWER = bytes(96) + (0x80).to_bytes(32, "big") + bytes(32)


@pytest.mark.parametrize(
    "returned",
    [b"", b"\x01", bytes(32), bytes(160), ZERO_ANSWER + b"\0", Reverted("no", code=3), bytes(1_000_000)],
    ids=["nothing", "a byte", "a word", "no offset", "trailing", "reverts", "a megabyte"],
)
def test_another_contract_is_no_registry(world: ChainReader, returned: bytes | Reverted) -> None:
    address = b"\x02" * 20
    world.sim.codes[address] = b"\x60"
    world.sim.returns[address] = returned
    for ask in (world.reader.project_list, lambda at: world.reader.project(at, FOO)):
        with pytest.raises(RegistryNotFound):
            ask(RegistryAddress(address))


def test_an_answer_without_code_is_no_registry(world: ChainReader) -> None:
    """As a precompile, or an endpoint that makes things up, may give."""
    address = b"\x03" * 20
    world.sim.returns[address] = ZERO_ANSWER
    with pytest.raises(RegistryNotFound, match="no code"):
        world.reader.project_list(RegistryAddress(address))
    with pytest.raises(RegistryNotFound, match="no code"):
        world.reader.project(RegistryAddress(address), FOO)


def test_a_registry_seen_before_is_never_absent(world: ChainReader) -> None:
    world.publish("1.0")
    world.read()
    world.sim.registries.clear()
    for ask in (
        lambda: world.read(FOO),
        lambda: world.read(BAR),
        lambda: world.reader.project_list(world.at),
        lambda: world.new_reader().project(world.at, BAR),  # another process with the same store
    ):
        with pytest.raises(Upstream, match="does not see the registry"):
            ask()


def test_a_pinned_registry_is_never_absent(world: ChainReader) -> None:
    nowhere = RegistryAddress(b"\x01" * 20)
    reader = ChainRegistry({"": Chain(world.sim)}, world.store, pinned=[nowhere])
    with pytest.raises(Upstream, match="does not see"):
        reader.project_list(nowhere)


def test_absence_of_a_registry_needs_two_endpoints_where_two_are_configured(world: ChainReader) -> None:
    nowhere = RegistryAddress(b"\x01" * 20)
    second = ChainSimulator()
    reader = world.new_reader(None, second)
    with pytest.raises(RegistryNotFound):
        reader.project_list(nowhere)
    assert second.calls.count("eth_call") == 1

    second.offline = True
    with pytest.raises(Upstream, match="too few endpoints"):
        reader.project_list(nowhere)


def test_one_endpoint_that_misses_a_registry_is_overruled(world: ChainReader) -> None:
    world.publish("1.0")
    behind = ChainSimulator()
    reader = ChainRegistry({"": Chain(behind, None, fallbacks=[world.sim])}, world.store)
    with pytest.raises(Upstream, match="endpoints disagree"):
        reader.project(world.at, FOO)


def test_a_chain_out_of_reach_is_not_absence(world: ChainReader) -> None:
    world.sim.offline = True
    for ask in (lambda: world.read(FOO), lambda: world.reader.project_list(world.at)):
        with pytest.raises(Upstream):
            ask()


def test_an_outage_between_proof_steps_is_not_absence(world: ChainReader) -> None:
    def fail_after_first() -> None:
        world.sim.offline = "eth_getCode" in world.sim.calls

    world.sim.before = fail_after_first
    with pytest.raises(Upstream):
        world.read(BAR)


def test_a_registry_that_others_have_stored_is_never_absent(world: ChainReader) -> None:
    """The archive is asked last, and once: from then on the registry is known."""
    nowhere = RegistryAddress(b"\x01" * 20)
    asked: list[RegistryAddress] = []

    def ever_stored(registry: RegistryAddress) -> bool:
        asked.append(registry)
        return True

    reader = ChainRegistry({"": Chain(world.sim)}, world.store, ever_stored=ever_stored)
    for _ in range(3):
        with pytest.raises(Upstream, match="not see the registry"):
            reader.project_list(nowhere)
    assert asked == [nowhere]
