"""Reorganisations on a real node, seen through several endpoints: R8 and R9."""

import re
from collections.abc import Callable, Iterator

import pytest

from dipmp_lib.model.names import RegistryAddress
from dipmp_lib.registry.chain import ReadLimits
from tests.contract.backends import AnvilBackend, anvil_backend
from tests.contract.harness import Registry, encode_call
from tests.support.fakes.clock import Clock
from tests.support.fakes.rpc_server import calls
from tests.support.faulty.toxics import Request, Stream, Toxic, only, reset
from tests.support.files.logs import release_payload
from tests.support.programs.asgi import Answer
from tests.support.systems.rpc_endpoints import Rules, rpc_world

pytestmark = pytest.mark.node
SMALL_PAGES = ReadLimits(page_bytes=500)
OLD, DROPPED, OTHERS = range(10), range(10, 30), range(110, 130)


@pytest.fixture
def chain() -> Iterator[AnvilBackend]:
    """A chain of its own, because these tests rewrite it."""
    with anvil_backend(history=True) as backend:
        yield backend


@pytest.fixture
def registry(chain: AnvilBackend) -> Registry:
    made = Registry(chain)
    made.claim(made.owner, "foo", made.owner)
    return made


def payload(version: int) -> bytes:
    return release_payload([f"foo-{version}.tar.gz"])


def release(registry: Registry, *versions: int) -> None:
    """Publish without the model, which cannot be reorganised."""
    for version in versions:
        registry.send(registry.owner, "append", "foo", 1, payload(version))


def versions(answer: Answer) -> list[int]:
    assert answer.status == 200, answer.body
    return sorted(int(found) for found in re.findall(rb">foo-(\d+)\.tar\.gz<", answer.body))


def before(number: int, event: Callable[[], None]) -> Toxic:
    """Let something happen before the request of this number is passed on."""
    seen = iter(range(number))

    async def toxic(_request: Request, stream: Stream) -> Stream:
        if next(seen, None) == number - 1:
            event()
        async for piece in stream:
            yield piece

    return only(calls("eth_call"), toxic)


@pytest.mark.parametrize("page", [2, 3])
@pytest.mark.parametrize("by", ["anvil_reorg", "another branch"])
@pytest.mark.parametrize("moves_on", [False, True], ids=["one endpoint", "failover between pages"])
def test_R8_a_page_is_of_one_history(
    chain: AnvilBackend, registry: Registry, page: int, by: str, moves_on: bool
) -> None:
    """The chain is rewritten between two pages of one log, and the rest may come from another endpoint."""
    release(registry, *OLD)
    fork = chain.snapshot()
    release(registry, *DROPPED)

    def rewrite() -> None:
        if by == "anvil_reorg":
            datas = [encode_call("append", "foo", 1, payload(version)) for version in OTHERS]
            chain.reorganise(len(DROPPED), registry.owner, registry.address, datas)
        else:
            chain.go_back(fork)
            release(registry, *OTHERS)
        if moves_on:
            world.proxies[0].toxics = [reset()]

    rules = Rules(limits=SMALL_PAGES)
    with rpc_world([chain.url, chain.url], rules, at=RegistryAddress(registry.address)) as world:
        world.proxies[0].toxics = [before(page, rewrite)]
        answer = world.get("foo")
        shown, used = versions(answer), world.asked("eth_call")
        assert versions(world.get("foo")) == [*OLD, *OTHERS]
    print(f"R8: {by} before page {page}: {len(shown)} releases of one history, eth_calls {used}")
    assert shown in ([*OLD, *DROPPED], [*OLD, *OTHERS])
    assert used[0] + used[1] > 3
    assert (used[1] > 0) == moves_on


def test_R9_a_release_that_is_orphaned_is_pending_again(chain: AnvilBackend, registry: Registry) -> None:
    """The reader's side: what is not safe is never shown as such; what was shown goes after a while, and comes back.

    What a publisher does about it is not the subject here.
    """
    clock, at = Clock(), RegistryAddress(registry.address)
    release(registry, 1)
    chain.set_time(chain.now() + 1)
    with (
        rpc_world([chain.url], Rules(clock=clock), at=at) as newest,
        rpc_world([chain.url], Rules(clock=clock, block="safe"), at=at) as safe,
    ):
        release(registry, 2)
        assert (versions(newest.get("foo")), versions(safe.get("foo"))) == ([1, 2], [1])
        chain.reorganise(1, registry.owner, registry.address, [])
        assert (versions(newest.get("foo")), versions(safe.get("foo"))) == ([1, 2], [1])  # as with a laggard
        clock.now += 121
        assert (versions(newest.get("foo")), versions(safe.get("foo"))) == ([1], [1])
        release(registry, 2)
        assert (versions(newest.get("foo")), versions(safe.get("foo"))) == ([1, 2], [1])
        chain.set_time(chain.now() + 1)
        assert (versions(newest.get("foo")), versions(safe.get("foo"))) == ([1, 2], [1, 2])
