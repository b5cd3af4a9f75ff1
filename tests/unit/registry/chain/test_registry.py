"""Reading a registry from a chain: what is there, what is new, what is not there."""

import threading
from collections.abc import Sequence

import pytest

from dipmp_lib.errors import InvalidAddress, MalformedLog, ProjectNotFound, RegistryNotFound, Reverted, Upstream
from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.model.pages import Project
from dipmp_lib.registry import MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry, ReadLimits
from tests.support.fakes.chain import ChainSimulator
from tests.support.files.logs import OWNER_KEY, PUBLISHER
from tests.support.model.contract import ChainModel

FOO, BAR = ProjectName("foo"), ProjectName("bar")


class World:
    """A simulated chain with one registry, and a reader of it."""

    def __init__(self) -> None:
        self.sim = ChainSimulator()
        self.lock = threading.Lock()
        self.model: ChainModel = self.sim.deploy()
        self.at: RegistryAddress = self.sim.address_of(self.model)
        self.store = MemoryLogStore()
        self.now = 1000.0
        self.reader = self.new_reader()

    def new_reader(self, limits: ReadLimits | None = None, *also: ChainSimulator) -> ChainRegistry:
        chain = Chain(self.sim, None, fallbacks=also)
        return ChainRegistry({"": chain}, self.store, limits=limits, clock=lambda: self.now)

    def publish(self, *versions: str, name: ProjectName = FOO) -> None:
        for version in versions:
            self.sim.release(self.model, name, f"{name}-{version}.tar.gz")

    def read(self, name: ProjectName = FOO) -> Project:
        return self.reader.project(self.at, name)

    def versions(self, name: ProjectName = FOO) -> list[str]:
        return [file.version for file in self.read(name).files]


@pytest.fixture
def world() -> World:
    return World()


# -- what is there


def test_a_project_is_what_its_log_says(world: World) -> None:
    world.publish("1.0", "1.1")
    project = world.read()
    assert (project.registry, project.name, project.count) == (world.at, FOO, 3)
    assert project.head == world.model.logs[next(k for k in world.model.logs if any(k))].head
    assert project.owner == OWNER_KEY
    assert [(file.filename, file.entry) for file in project.files] == [("foo-1.0.tar.gz", 1), ("foo-1.1.tar.gz", 2)]
    assert not project.notes
    assert not project.incomplete


def test_the_project_list_is_the_registry_log(world: World) -> None:
    world.publish("1.0", name=FOO)
    world.publish("1.0", name=BAR)
    listed = world.reader.project_list(world.at)
    assert (listed.names, listed.count, listed.registry) == ((BAR, FOO), 2, world.at)
    world.publish("1.0", name=ProjectName("baz"))
    world.sim.reset()
    assert world.reader.project_list(world.at).names == ("bar", "baz", "foo")
    assert world.sim.calls == ["eth_call"]


def test_logs_of_several_projects_are_interleaved_and_kept_apart(world: World) -> None:
    for version in ("1", "2", "3"):
        for name in (FOO, BAR):
            world.publish(version, name=name)
    assert world.versions(FOO) == world.versions(BAR) == ["1", "2", "3"]


def test_owner_changes_are_followed(world: World) -> None:
    world.publish("1.0")
    world.model.transfer(OWNER_KEY, world.sim.time, FOO, PUBLISHER)
    assert world.read().owner == OWNER_KEY
    world.model.accept(PUBLISHER, world.sim.time, FOO)
    assert world.read().owner == PUBLISHER


def test_an_empty_registry_is_an_empty_list(world: World) -> None:
    listed = world.reader.project_list(world.at)
    assert (listed.names, listed.count, listed.head) == ((), 0, bytes(32))


# -- what is new


def test_an_unchanged_log_costs_one_call_and_no_fold(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.publish("1.0")
    first = world.read()
    world.sim.reset()
    monkeypatch.setattr("dipmp_lib.log.log.fold_project", lambda *_: pytest.fail("folded again"))
    assert world.read() is first
    assert (world.sim.calls, world.sim.page_bytes) == (["eth_call"], 0)


def test_after_one_append_only_the_new_entry_travels(world: World) -> None:
    world.publish(*map(str, range(50)))
    world.read()
    world.sim.reset()
    world.publish("50")
    assert world.versions() == [str(number) for number in range(51)]
    assert world.sim.calls == ["eth_call"]
    assert world.sim.page_bytes == 4 + len(world.model.blobs[-1])


def test_one_call_reads_a_whole_log(world: World) -> None:
    world.publish(*map(str, range(300)))
    assert len(world.versions()) == 300
    assert world.sim.calls.count("eth_call") == 1


def test_an_append_between_two_pages_does_not_disturb(world: World) -> None:
    world.publish(*map(str, range(10)))
    world.sim.page_entries = 3
    world.sim.before = lambda: world.publish(f"9{len(world.sim.calls)}")
    first = world.versions()
    assert first[:10] == [str(number) for number in range(10)]
    world.sim.before = None
    assert world.versions()[: len(first)] == first
    assert len(world.versions()) > len(first)


def test_an_append_between_two_pages_of_a_refresh_does_not_disturb(world: World) -> None:
    world.publish("0")
    world.read()
    world.publish(*map(str, range(1, 10)))
    world.sim.page_entries = 2
    world.sim.before = lambda: world.publish(f"9{len(world.sim.calls)}")
    assert world.versions()[:10] == [str(number) for number in range(10)]


def test_threads_may_share_a_reader(world: World) -> None:
    world.publish("0")
    counts: list[list[int]] = [[] for _ in range(6)]
    writing = threading.Event()

    request = world.sim.request

    def one_at_a_time(method: str, params: Sequence[object]) -> object:
        with world.lock:  # a node answers from one block, which the simulator has no notion of
            return request(method, params)

    world.sim.request = one_at_a_time  # type: ignore[method-assign]

    def read(own: list[int]) -> None:
        while not writing.is_set():
            own.append(world.read().count)
        own.append(world.read().count)

    threads = [threading.Thread(target=read, args=(own,)) for own in counts]
    for thread in threads:
        thread.start()
    for number in range(1, 40):
        with world.lock:
            world.publish(str(number))
    writing.set()
    for thread in threads:
        thread.join()
    for own in counts:
        assert own == sorted(own)
        assert own[-1] == 41


# -- reorganisations


def test_a_reorganisation_that_reuses_nonces_is_followed(world: World) -> None:
    world.publish("1.0")
    other = world.sim.fork()
    world.publish("2.0", "3.0")
    assert world.versions() == ["1.0", "2.0", "3.0"]
    other.release(other.registries[world.at.address], FOO, "foo-4.0.tar.gz")
    other.release(other.registries[world.at.address], FOO, "foo-5.0.tar.gz")
    world.sim.reorganise_to(other)
    assert world.versions() == ["1.0", "4.0", "5.0"]  # as many entries, the same nonces
    world.model = world.sim.registries[world.at.address]
    world.publish("6.0")
    assert world.versions() == ["1.0", "4.0", "5.0", "6.0"]


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_reorganisation_to_any_length_is_followed(world: World, length: int) -> None:
    other = world.sim.fork()
    world.publish("1.0", "2.0")
    world.read()
    for number in range(length):
        other.release(other.registries[world.at.address], FOO, f"foo-{number}.5.tar.gz")
    world.sim.reorganise_to(other)
    assert world.versions() == [f"{number}.5" for number in range(length)]


def test_a_reorganisation_between_two_pages_is_read_again(world: World) -> None:
    """The pages are wholly from before or wholly from after it, never mixed."""
    world.publish("1", "2", "3")
    other = world.sim.fork()
    world.publish("4", "5", "6")
    for number in range(7, 11):
        other.release(other.registries[world.at.address], FOO, f"foo-{number}.tar.gz")
    world.sim.page_entries = 2

    def reorganise() -> None:
        if world.sim.calls.count("eth_call") == 2:
            world.sim.reorganise_to(other)

    world.sim.before = reorganise
    assert world.versions() == ["1", "2", "3", "7", "8", "9", "10"]


def test_a_lagging_endpoint_does_not_take_entries_away(world: World) -> None:
    world.publish("1.0")
    lagging = world.sim.fork()
    world.publish("2.0", "3.0")
    newest = world.sim.fork()
    assert len(world.versions()) == 3
    world.sim.reorganise_to(lagging)
    for _ in range(3):
        world.now += 30
        assert len(world.versions()) == 3
    world.sim.reorganise_to(newest)
    assert len(world.versions()) == 3
    world.sim.reorganise_to(lagging)
    world.now += 100
    assert len(world.versions()) == 3  # the wait began anew


def test_entries_that_stay_away_are_believed_to_be_gone(world: World) -> None:
    empty = world.sim.fork()
    world.publish("1.0")
    shorter = world.sim.fork()
    world.publish("2.0", "3.0")
    world.read()
    world.sim.reorganise_to(shorter)
    world.read()
    world.now += 121
    assert world.versions() == ["1.0"]
    assert world.versions() == ["1.0"]
    world.sim.reorganise_to(empty)
    assert world.versions() == ["1.0"]
    world.now += 121
    with pytest.raises(ProjectNotFound):
        world.read()


def test_a_shorter_log_that_is_no_beginning_is_refused(world: World) -> None:
    world.publish("1.0", "2.0", "3.0")
    world.read()
    world.sim.lie = lambda answer: (answer[0] - (1 << 160), answer[1], 0, b"")
    with pytest.raises(MalformedLog):
        world.read()


# -- what is not there


def test_an_unknown_project_is_absent_only_of_a_proven_registry(world: World) -> None:
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


def test_an_empty_address_is_no_registry(world: World) -> None:
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
def test_another_contract_is_no_registry(world: World, returned: bytes | Reverted) -> None:
    address = b"\x02" * 20
    world.sim.codes[address] = b"\x60"
    world.sim.returns[address] = returned
    for ask in (world.reader.project_list, lambda at: world.reader.project(at, FOO)):
        with pytest.raises(RegistryNotFound):
            ask(RegistryAddress(address))


def test_an_answer_without_code_is_no_registry(world: World) -> None:
    """As a precompile, or an endpoint that makes things up, may give."""
    address = b"\x03" * 20
    world.sim.returns[address] = ZERO_ANSWER
    with pytest.raises(RegistryNotFound, match="no code"):
        world.reader.project_list(RegistryAddress(address))
    with pytest.raises(RegistryNotFound, match="no code"):
        world.reader.project(RegistryAddress(address), FOO)


def test_a_registry_seen_before_is_never_absent(world: World) -> None:
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


def test_a_pinned_registry_is_never_absent(world: World) -> None:
    nowhere = RegistryAddress(b"\x01" * 20)
    reader = ChainRegistry({"": Chain(world.sim)}, world.store, pinned=[nowhere])
    with pytest.raises(Upstream, match="does not see"):
        reader.project_list(nowhere)


def test_absence_of_a_registry_needs_two_endpoints_where_two_are_configured(world: World) -> None:
    nowhere = RegistryAddress(b"\x01" * 20)
    second = ChainSimulator()
    reader = world.new_reader(None, second)
    with pytest.raises(RegistryNotFound):
        reader.project_list(nowhere)
    assert second.calls.count("eth_call") == 1

    second.offline = True
    with pytest.raises(Upstream, match="too few endpoints"):
        reader.project_list(nowhere)


def test_one_endpoint_that_misses_a_registry_is_overruled(world: World) -> None:
    world.publish("1.0")
    behind = ChainSimulator()
    reader = ChainRegistry({"": Chain(behind, None, fallbacks=[world.sim])}, world.store)
    with pytest.raises(Upstream, match="endpoints disagree"):
        reader.project(world.at, FOO)


def test_a_chain_out_of_reach_is_not_absence(world: World) -> None:
    world.sim.offline = True
    for ask in (lambda: world.read(FOO), lambda: world.reader.project_list(world.at)):
        with pytest.raises(Upstream):
            ask()


def test_an_outage_between_proof_steps_is_not_absence(world: World) -> None:
    def fail_after_first() -> None:
        world.sim.offline = "eth_getCode" in world.sim.calls

    world.sim.before = fail_after_first
    with pytest.raises(Upstream):
        world.read(BAR)


# -- chains


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


def test_the_head_binds_chain_and_address(world: World) -> None:
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
