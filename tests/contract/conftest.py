"""Chains and registries: one chain of each kind for the session, a fresh registry for every test."""

from collections.abc import Iterator

import pytest

from tests.contract.backends import AnvilBackend, Backend, EmbeddedBackend, anvil_backend
from tests.contract.harness import Registry


@pytest.fixture(scope="session")
def embedded() -> Backend:
    return EmbeddedBackend()


@pytest.fixture(scope="session")
def anvil() -> Iterator[AnvilBackend]:
    with anvil_backend() as backend:
        yield backend


@pytest.fixture
def own_anvil() -> Iterator[AnvilBackend]:
    """An anvil of the test's own, which can be reorganised. A transaction's gas is limited (EIP-7825)."""
    with anvil_backend("--enable-tx-gas-limit", history=True) as backend:
        yield backend


@pytest.fixture(params=[pytest.param("embedded", marks=pytest.mark.evm), pytest.param("anvil", marks=pytest.mark.node)])
def backend(request: pytest.FixtureRequest) -> Backend:
    chosen: Backend = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def registry(backend: Backend) -> Registry:
    return Registry(backend)
