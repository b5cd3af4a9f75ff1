"""The read port of routes: from memory without a thread, by tier, and as policy allows."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest

from dipmp_lib.errors import Denied, NotServed, ProjectNotFound
from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.registry import CachedRegistry, Lifetimes
from dipmp_lib.server.async_registry import AsyncRegistry
from dipmp_lib.server.policy import Policy
from dipmp_lib.server.services import Services
from dipmp_lib.server.workers import Workers
from tests.support.fakes.registry import REGISTRY, FakeGateways, FakeRegistry, make_project
from tests.support.files.denylists import TARGET, policy_of
from tests.support.systems.small_index import DEMO, SDIST, WHEEL

OTHER = RegistryAddress(b"\x22" * 20)
NAME = ProjectName("demo-pkg")
T = TypeVar("T")


class CountingWorkers(Workers):
    """Counts the calls that went to threads."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[object] = []

    async def run(self, key: object, function: Callable[[], T]) -> T:
        self.keys.append(key)
        return await super().run(key, function)


def cached(*projects: Any) -> CachedRegistry:  # noqa: ANN401
    return CachedRegistry(FakeRegistry(*projects), lifetimes=Lifetimes(fresh=60))


def made(policy: Policy, others: CachedRegistry | None = None) -> tuple[AsyncRegistry, CountingWorkers]:
    workers = CountingWorkers()
    return AsyncRegistry(Services(cached(DEMO), FakeGateways(), others=others, policy=policy), workers), workers


def run(call: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(call)


def test_a_second_read_comes_from_memory() -> None:
    registries, workers = made(Policy())
    for _ in range(2):
        assert run(registries.project(REGISTRY, NAME)).value == DEMO
        assert run(registries.project_list(REGISTRY)).value.names == (NAME,)
    assert workers.keys == [REGISTRY, REGISTRY]


def test_policy_is_applied_in_a_thread_once() -> None:
    registries, workers = made(policy_of(f"{TARGET}/demo-pkg/{SDIST.filename}"))
    for _ in range(2):
        assert run(registries.project(REGISTRY, NAME)).value.files == (WHEEL,)
    assert workers.keys == [REGISTRY, REGISTRY]  # for the registry, and for policy


def test_a_project_in_its_log_has_the_files_that_policy_withholds() -> None:
    registries, _ = made(policy_of(f"{TARGET}/demo-pkg/{SDIST.filename}"))
    page = run(registries.project_in_log(REGISTRY, NAME)).value
    assert page.files == (WHEEL, SDIST)
    registries.require_file(page, WHEEL)
    with pytest.raises(Denied):
        registries.require_file(page, SDIST)


def test_registries_that_are_not_pinned_are_read_apart() -> None:
    there = make_project("theirs", registry=OTHER)
    registries, _ = made(Policy(pinned=[REGISTRY]), cached(there))
    assert run(registries.project(OTHER, ProjectName("theirs"))).value == there
    with pytest.raises(ProjectNotFound):
        run(registries.project(REGISTRY, ProjectName("theirs")))


def test_a_registry_that_is_not_served_is_not_read() -> None:
    registries, workers = made(Policy(pinned=[OTHER], others=False))
    for read in (registries.project(REGISTRY, NAME), registries.project_list(REGISTRY)):
        with pytest.raises(NotServed):
            run(read)
    assert workers.keys == []


def test_rules_that_are_due_are_checked_before_the_read() -> None:
    policy = policy_of()
    checked: list[str] = []
    policy.due = lambda: not checked  # type: ignore[method-assign]
    policy.check = lambda: checked.append("now")  # type: ignore[method-assign]
    registries, workers = made(policy)
    run(registries.project_list(REGISTRY))
    run(registries.project_list(REGISTRY))
    assert (checked, workers.keys) == (["now"], ["policy", REGISTRY])
