"""A funded sender, and the embedded chain with a client of its endpoint."""

from collections.abc import Iterator

import pytest

from dipmp_lib.devnet.chain.evm import Evm
from tests.support.systems.embedded_chain import Client, Sender, chain_and_client


@pytest.fixture
def sender() -> Sender:
    return Sender()


@pytest.fixture
def chain(sender: Sender) -> Iterator[tuple[Evm, Client]]:
    with chain_and_client(sender) as running:
        yield running


@pytest.fixture
def evm(chain: tuple[Evm, Client]) -> Evm:
    return chain[0]


@pytest.fixture
def rpc(chain: tuple[Evm, Client]) -> Client:
    return chain[1]
