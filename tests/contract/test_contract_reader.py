"""dipmp's own reader and publisher against the contract on a real node, over JSON-RPC: long logs, reorganisations."""

from collections.abc import Callable, Sequence

import pytest

from dipmp_lib.ethereum.rpc import HttpRpc, Rpc
from dipmp_lib.http import Fetcher
from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.model.pages import Project
from dipmp_lib.registry import MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry, ReadLimits
from tests.contract.backends import AnvilBackend
from tests.contract.harness import Registry, encode_call
from tests.support.files.logs import release_payload
from tests.support.model.contract import project_id
from tests.support.waiting import HANGS

pytestmark = pytest.mark.node
FOO = ProjectName("foo")
SMALL_PAGES = ReadLimits(page_bytes=500)


@pytest.fixture
def registry(own_anvil: AnvilBackend) -> Registry:
    made = Registry(own_anvil)
    made.claim(made.owner, FOO, made.owner)
    return made


class Interrupted:
    """The Rpc port, where something may happen once, after the first page of a log was answered."""

    def __init__(self, rpc: Rpc, event: Callable[[], None] | None) -> None:
        self._rpc = rpc
        self._event = event
        self.pages = 0

    def request(self, method: str, params: Sequence[object]) -> object:
        answer = self._rpc.request(method, params)
        self.pages += method == "eth_call"
        if self.pages and self._event is not None:
            event, self._event = self._event, None
            event()
        return answer


class Reader:
    """A reader that keeps what it has read."""

    def __init__(
        self, registry: Registry, limits: ReadLimits | None = None, event: Callable[[], None] | None = None
    ) -> None:
        assert isinstance(registry.backend, AnvilBackend)
        self.rpc = Interrupted(HttpRpc(registry.backend.url, Fetcher(), deadline=HANGS), event)
        self._at = RegistryAddress(registry.address)
        self.now = 0.0
        self._registry = ChainRegistry({"": Chain(self.rpc)}, MemoryLogStore(), limits=limits, clock=lambda: self.now)

    def project(self) -> Project:
        return self._registry.project(self._at, FOO)

    def versions(self) -> list[str]:
        return [file.version for file in self.project().files]


def payload(version: str | int) -> bytes:
    return release_payload([f"foo-{version}.tar.gz"])


def release(registry: Registry, *versions: str | int) -> None:
    """Publish without the model, which cannot be reorganised."""
    for version in versions:
        registry.send(registry.owner, "append", FOO, 1, payload(version))


def last_nonce(registry: Registry) -> int:
    return int(registry.call("read", FOO, 0, 0, 0)[0]) >> 192 & (1 << 48) - 1


def test_a_thousand_appends_are_read_back(registry: Registry) -> None:
    """By paging as the interface says, and by the reader: in one call, in many, and after some more appends."""
    for number in range(999):
        registry.append(registry.owner, FOO, 1, payload(number))
    warm = Reader(registry)
    assert warm.project().count == 1_000
    registry.append(registry.owner, FOO, 1, payload(999))

    cursor = 0
    pages: list[bytes] = []
    while cursor or not pages:
        _, _, cursor, page = registry.call("read", FOO, 0, cursor, 10_000)
        pages.append(page)
    assert b"".join(pages) == registry.model.read(FOO, 0, 0, 1 << 24)[3]
    assert len(pages) > 5

    wanted = [str(number) for number in range(1_000)]
    project = Reader(registry).project()
    assert [file.version for file in project.files] == wanted
    assert (project.count, project.head) == (1_001, registry.model.logs[project_id(FOO)].head)
    patient = Reader(registry, ReadLimits(page_bytes=4_000, pages=100, seconds=HANGS))
    assert (patient.project(), patient.rpc.pages > 20) == (project, True)
    assert warm.project() == project


def test_appends_between_two_pages_of_one_read(registry: Registry) -> None:
    """The reader ends with the log as it was at the first page, head and all; the next read has the rest."""
    release(registry, *range(20))
    head = registry.call("read", FOO, 0, 0, 0)[1]
    reader = Reader(registry, SMALL_PAGES, lambda: release(registry, *range(20, 25)))
    project = reader.project()
    assert [file.version for file in project.files] == [str(number) for number in range(20)]
    assert (project.count, project.head) == (21, head)
    assert reader.rpc.pages > 2
    assert reader.versions() == [str(number) for number in range(25)]
    assert reader.project() == Reader(registry).project()


def test_a_reorganisation_that_reuses_nonces(registry: Registry, own_anvil: AnvilBackend) -> None:
    """A reader that holds the dropped entries notices, though the new ones have the same nonces and number."""
    release(registry, 1)
    reader = Reader(registry)
    release(registry, 2, 3)
    assert reader.versions() == ["1", "2", "3"]
    before, nonce = reader.project(), last_nonce(registry)
    calls = [encode_call("append", FOO, 1, payload(version)) for version in (4, 5)]
    own_anvil.reorganise(2, registry.owner, registry.address, calls)
    assert last_nonce(registry) == nonce
    after = reader.project()
    assert [file.version for file in after.files] == ["1", "4", "5"]
    assert (after.count, after.head == before.head) == (before.count, False)
    assert after == Reader(registry).project()
    release(registry, 6)
    assert reader.versions() == ["1", "4", "5", "6"]


@pytest.mark.parametrize("fewer", [False, True])
def test_another_history_of_another_length(registry: Registry, own_anvil: AnvilBackend, fewer: bool) -> None:
    release(registry, 1)
    fork = own_anvil.snapshot()
    reader = Reader(registry)
    release(registry, 2, 3)
    assert reader.versions() == ["1", "2", "3"]
    own_anvil.go_back(fork)
    others = (4,) if fewer else (4, 5, 6)
    release(registry, *others)
    assert reader.versions() == ["1", *map(str, others)]
    assert reader.project() == Reader(registry).project()


def test_a_reorganisation_that_only_drops_is_believed_after_a_while(
    registry: Registry, own_anvil: AnvilBackend
) -> None:
    release(registry, 1)
    fork = own_anvil.snapshot()
    reader = Reader(registry)
    release(registry, 2, 3)
    assert reader.versions() == ["1", "2", "3"]
    own_anvil.go_back(fork)
    assert reader.versions() == ["1", "2", "3"]  # the same as an endpoint that lags behind
    reader.now += 121
    assert reader.versions() == ["1"]
    release(registry, 4)
    assert reader.versions() == ["1", "4"]


def test_a_reorganisation_between_two_pages(registry: Registry, own_anvil: AnvilBackend) -> None:
    """The first page is of one history and the next of another; what the reader returns is one of the two."""
    release(registry, *range(10))
    fork = own_anvil.snapshot()
    release(registry, *range(10, 30))

    def replace() -> None:
        own_anvil.go_back(fork)
        release(registry, *range(110, 130))

    reader = Reader(registry, SMALL_PAGES, replace)
    assert reader.versions() == [str(number) for number in (*range(10), *range(110, 130))]
    assert reader.rpc.pages > 4
    assert reader.project() == Reader(registry).project()
