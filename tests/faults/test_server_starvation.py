"""Registries that do not answer, and many of them: whom they keep waiting (H9).

AnyIO's default of 40 threads is the trap: sixty stalled reads of one registry would take them all.
"""

import threading
import time
from collections.abc import Callable

import anyio
import pytest
from starlette.types import ASGIApp

from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.model.pages import Project, ProjectList
from dipmp_lib.registry import CachedRegistry
from dipmp_lib.server.app import create_app
from dipmp_lib.server.policy import Policy, Tier
from dipmp_lib.server.services import Services
from dipmp_lib.server.workers import TIER_LIMITS
from tests.support.fakes.registry import NO_MEMORY, FakeGateways, FakeRegistry, make_file, make_project
from tests.support.programs.asgi import Answer, arequest
from tests.support.waiting import HANGS, until

STALLED = 60
HITS = 200
GENEROUS = HANGS
"""Seconds; stalled reads end only when a test says so, so whoever waits for one waits longer."""


def registry(number: int) -> RegistryAddress:
    return RegistryAddress(number.to_bytes(20, "big"))


PINNED, OTHER_PINNED = registry(1), registry(2)
OPEN = registry(3)
QUICK_OPEN = registry(4)
HOSTILE = [registry(1000 + number) for number in range(100)]


class Stalling:
    """Holds reads of some registries until `release`; counts those that are held at the same time."""

    def __init__(self, inner: FakeRegistry, stalls: Callable[[RegistryAddress], bool]) -> None:
        self.inner = inner
        self.stalls = stalls
        self.release = threading.Event()
        self.held = 0
        self.most = 0
        self._lock = threading.Lock()

    def project(self, registry: RegistryAddress, name: ProjectName) -> Project:
        self._stall(registry)
        return self.inner.project(registry, name)

    def project_list(self, registry: RegistryAddress) -> ProjectList:
        self._stall(registry)
        return self.inner.project_list(registry)

    def _stall(self, registry: RegistryAddress) -> None:
        if not self.stalls(registry):
            return
        with self._lock:
            self.held += 1
            self.most = max(self.most, self.held)
        self.release.wait(HANGS)
        with self._lock:
            self.held -= 1


class Server:
    """An application whose reads of `stalls` do not return, in front of projects that always have to be read anew."""

    def __init__(self, stalls: Callable[[RegistryAddress], bool], policy: Policy) -> None:
        projects = [
            make_project(f"demo-{number}", make_file(f"demo_{number}-1.0.tar.gz", "1.0"), registry=address)
            for address in (PINNED, OTHER_PINNED, OPEN, QUICK_OPEN, *HOSTILE)
            for number in range(STALLED if address in (PINNED, OTHER_PINNED, OPEN) else 2)
        ]
        self.reads = Stalling(FakeRegistry(*projects), stalls)
        cached = [CachedRegistry(self.reads, lifetimes=NO_MEMORY) for _ in range(2)]
        self.app: ASGIApp = create_app(Services(cached[0], FakeGateways(), others=cached[1], policy=policy))

    async def get(self, address: RegistryAddress, number: int = 0) -> Answer:
        return await arequest(self.app, f"/simple/{address}/demo-{number}/")

    async def timed(self, address: RegistryAddress, times: int) -> list[float]:
        """Return the seconds of that many requests, one after the other, all of which have to be answered."""
        took = []
        for number in range(times):
            began = time.perf_counter()
            with anyio.fail_after(GENEROUS):
                answer = await self.get(address, number % 2)
            assert answer.status == 200
            took.append(time.perf_counter() - began)
        return took

    def measure(
        self, address: RegistryAddress, crowd: list[tuple[RegistryAddress, int]], threads: int
    ) -> tuple[float, float, int]:
        """Return p99 of requests to a registry without and with a crowd that waits, and how many reads were held."""

        async def main() -> tuple[float, float, int]:
            await self.timed(address, 2)
            alone = await self.timed(address, 100)
            async with anyio.create_task_group() as group:
                for each, number in crowd:
                    group.start_soon(self.get, each, number)
                await until(lambda: self.reads.held == threads)
                beside = await self.timed(address, 100)
                held = self.reads.held
                self.reads.release.set()
            return p99(alone), p99(beside), held

        return anyio.run(main)


def p99(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) * 99 // 100 - 1]


def report(name: str, alone: float, beside: float, held: int) -> None:
    print(f"{name}: p99 {alone * 1000:.1f} ms alone, {beside * 1000:.1f} ms beside {held} reads that do not return")


@pytest.fixture
def tiers() -> Policy:
    return Policy(pinned=[PINNED, OTHER_PINNED])


def test_H9_sixty_stalled_reads_of_one_registry_delay_no_other() -> None:
    """No registry is pinned here: the cap per registry alone keeps the rest going."""
    server = Server(lambda address: address == OPEN, Policy())
    threads, crowd = TIER_LIMITS[Tier.PINNED].threads_per_key, [(OPEN, number) for number in range(STALLED)]
    alone, beside, held = server.measure(PINNED, crowd, threads)
    report("H9 sixty of one", alone, beside, held)
    assert held == server.reads.most == threads


def test_H9_a_stalled_pinned_registry_delays_no_other_pinned_one(tiers: Policy) -> None:
    server = Server(lambda address: address == OTHER_PINNED, tiers)
    threads, crowd = TIER_LIMITS[Tier.PINNED].threads_per_key, [(OTHER_PINNED, number) for number in range(STALLED)]
    alone, beside, held = server.measure(PINNED, crowd, threads)
    report("H9 pinned beside pinned", alone, beside, held)
    assert held == threads


def test_H9_two_hundred_hits_on_a_hostile_contract_delay_nobody_else(tiers: Policy) -> None:
    for address in (PINNED, QUICK_OPEN):
        server = Server(lambda address: address == OPEN, tiers)
        threads, crowd = TIER_LIMITS[Tier.OPEN].threads_per_key, [(OPEN, number % STALLED) for number in range(HITS)]
        alone, beside, held = server.measure(address, crowd, threads)
        report(f"H9 {HITS} hits, seen from a {tiers.tier_of(address).value} registry", alone, beside, held)
        assert held == threads


def test_H9_a_flood_of_open_registries_never_delays_a_pinned_one(tiers: Policy) -> None:
    """A hundred hostile contracts at once take every thread of their tier, and none of the other."""
    server = Server(lambda address: address in HOSTILE, tiers)
    threads, crowd = TIER_LIMITS[Tier.OPEN].threads, [(address, number) for address in HOSTILE for number in (0, 1)]
    alone, beside, held = server.measure(PINNED, crowd, threads)
    report("H9 flood", alone, beside, held)
    assert held == server.reads.most == threads


def test_H9_what_waits_beyond_the_ration_is_told_to_come_back(tiers: Policy) -> None:
    server = Server(lambda address: address in (OPEN, *HOSTILE), tiers)
    limits = TIER_LIMITS[Tier.OPEN]
    beyond = STALLED - limits.threads_per_key - limits.waiting_per_key
    answers: list[int] = []
    enough = anyio.Event()

    async def ask(address: RegistryAddress, number: int) -> None:
        answer = await server.get(address, number)
        answers.append(answer.status)
        if len(answers) == beyond:  # all others wait for a read that does not return
            enough.set()
        assert answer.status == 200 or answer.headers["retry-after"]

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for number in range(STALLED):
                group.start_soon(ask, OPEN, number)
            with anyio.fail_after(GENEROUS):
                await enough.wait()
            server.reads.release.set()
        refused, served = answers.count(503), answers.count(200)
        print(f"H9 ration: of {STALLED} requests {refused} were refused at once, {served} served in the end")
        assert (refused, served) == (beyond, STALLED - beyond)

    anyio.run(main)
