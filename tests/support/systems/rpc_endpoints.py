"""A server's application over several RPC endpoints, each behind a fault proxy.

with rpc_world(3) as world:
    world.proxies[0].toxics = [hang()]
    assert world.get("foo").status == 200
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import anyio
from starlette.types import ASGIApp

from dipmp_lib.ethereum.rpc import Block, BreakerRules, HttpRpc, LagRules, Patience
from dipmp_lib.http import Fetcher
from dipmp_lib.model.names import RegistryAddress
from dipmp_lib.registry import CachedRegistry, Lifetimes, MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry, ReadLimits
from dipmp_lib.server.app import create_app
from dipmp_lib.server.services import Services
from tests.support.fakes.chain import ChainSimulator
from tests.support.fakes.registry import NO_MEMORY, FakeGateways
from tests.support.fakes.rpc_server import json_rpc
from tests.support.fakes.telemetry import RecordedTelemetry
from tests.support.faulty.fault_proxy import FaultProxy
from tests.support.programs.asgi import Answer, arequest, request
from tests.support.waiting import HANGS

VERSIONS = ("1.0", "1.1", "1.2")
PROJECTS = tuple(f"p{number}" for number in range(20))


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The server's time limits, without a cache.

    By default nothing is late, or a busy machine would make healthy endpoints fail.
    """

    deadline: float = HANGS
    patience: Patience = field(default_factory=lambda: Patience(hedge=HANGS, seconds=HANGS))
    breaking: BreakerRules = field(default_factory=BreakerRules)
    lagging: LagRules = field(default_factory=LagRules)
    lifetimes: Lifetimes = NO_MEMORY
    limits: ReadLimits = field(default_factory=ReadLimits)
    block: Block = "latest"
    clock: Callable[[], float] = time.monotonic


REAL = Rules(deadline=2.5, patience=Patience())
"""The time limits of a real server, for endpoints that hang."""


@dataclass
class RpcWorld:
    """`proxies` are in the server's order of preference; `told` are the recorded events."""

    app: ASGIApp
    at: RegistryAddress
    proxies: Sequence[FaultProxy]
    told: RecordedTelemetry
    registry: CachedRegistry

    def get(self, project: str) -> Answer:
        """Request a project's page, or with "" the list."""
        return request(self.app, self.path(project))

    def path(self, project: str) -> str:
        """Return the path of a project's page, or of the list."""
        return f"/simple/{self.at}/{project}/" if project else f"/simple/{self.at}/"

    def storm(self, projects: Sequence[str], clients: int) -> list[tuple[int, float]]:
        """Request many pages, `clients` at a time; return status and seconds of each."""
        return anyio.run(self._storm, projects, clients)

    async def _storm(self, projects: Sequence[str], clients: int) -> list[tuple[int, float]]:
        done: list[tuple[int, float]] = []
        waiting = iter(projects)

        async def client() -> None:
            for project in waiting:
                began = time.perf_counter()
                answer = await arequest(self.app, self.path(project))
                done.append((answer.status, time.perf_counter() - began))

        async with anyio.create_task_group() as group:
            for _ in range(clients):
                group.start_soon(client)
        return done

    def asked(self, *methods: str) -> list[int]:
        """Return the number of requests (of these methods) at each proxy."""
        return [
            sum(not methods or sent.json()["method"] in methods for sent in list(proxy.requests))
            for proxy in self.proxies
        ]

    def calls(self) -> int:
        """Return the number of requests at all proxies."""
        return sum(self.asked())

    def reset(self) -> None:
        """Clear the counters."""
        for proxy in self.proxies:
            proxy.reset()


def make_sim(versions: Sequence[str] = VERSIONS) -> ChainSimulator:
    """Return a chain with one registry and PROJECTS."""
    sim = ChainSimulator()
    model = sim.deploy()
    for project in PROJECTS:
        for version in versions:
            sim.release(model, project, f"{project}-{version}.tar.gz")
    return sim


SIM = make_sim()


@contextmanager
def rpc_world(
    upstreams: int | Sequence[ChainSimulator | str],
    rules: Rules | None = None,
    *,
    at: RegistryAddress | None = None,
    chain_id: int | None = None,
) -> Iterator[RpcWorld]:
    """Serve over these upstreams (simulators or URLs), or over that many endpoints of one simulated chain."""
    rules = rules or Rules()
    chosen = [SIM] * upstreams if isinstance(upstreams, int) else upstreams
    told = RecordedTelemetry()
    with ExitStack() as stack:
        proxies = [
            stack.enter_context(FaultProxy(each if isinstance(each, str) else json_rpc(each))) for each in chosen
        ]
        fetcher = Fetcher()
        first, *others = (HttpRpc(proxy.url, fetcher, deadline=rules.deadline) for proxy in proxies)
        chain = Chain(
            first,
            chain_id,
            fallbacks=others,
            patience=rules.patience,
            breaking=rules.breaking,
            lagging=rules.lagging,
            telemetry=told,
            clock=rules.clock,
        )
        registry = ChainRegistry(
            {"": chain}, MemoryLogStore(), block=rules.block, limits=rules.limits, clock=rules.clock
        )
        cached = CachedRegistry(registry, lifetimes=rules.lifetimes)
        at = at or SIM.address_of(next(iter(SIM.registries.values())))
        yield RpcWorld(create_app(Services(cached, FakeGateways())), at, proxies, told, cached)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the percentile of the values at a share of 0 to 1."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
