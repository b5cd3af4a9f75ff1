"""The development chain's registry: created once, owned and paid for by the signer."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from dipmp_lib.devnet.chain.evm import Evm
from dipmp_lib.devnet.registry import ensure_registry
from dipmp_lib.errors import RpcError
from dipmp_lib.ethereum.abi import DEPLOYER, factory_address
from dipmp_lib.ethereum.create2 import StockArgs, is_stock, registry_address
from dipmp_lib.secret import Secret
from dipmp_lib.transactions.signers import KeySigner
from tests.support.faulty.evil_signers import HONEST, OTHER_KEY

pytestmark = pytest.mark.evm


def chain(funds: int) -> "closing[Evm]":
    return closing(Evm(alloc={HONEST.address: funds}))


@pytest.fixture
def evm() -> Iterator[Evm]:
    with chain(10**20) as running:
        yield running


def code(evm: Evm, address: bytes) -> bytes:
    return bytes(evm.state_at(evm.head).get_code(address))


def test_deployer_factory_and_registry_are_created(evm: Evm) -> None:
    found = ensure_registry(evm, HONEST)
    assert found == registry_address(StockArgs(owner=HONEST.address))
    assert is_stock(found, code(evm, found)) == StockArgs(owner=HONEST.address)
    assert code(evm, DEPLOYER)
    assert code(evm, factory_address())
    assert evm.state_at(evm.head).get_balance(HONEST.address) < 10**20


def test_what_is_there_is_left_alone(evm: Evm) -> None:
    first = ensure_registry(evm, HONEST)
    head = evm.head
    assert ensure_registry(evm, HONEST) == first
    assert evm.head is head


def test_a_signer_without_money_creates_nothing() -> None:
    with chain(0) as evm:
        with pytest.raises(RpcError, match="insufficient funds"):
            ensure_registry(evm, HONEST)
        assert evm.head.block_number == 0


def test_another_owner_has_another_registry() -> None:
    other = KeySigner(Secret(OTHER_KEY))
    with closing(Evm(alloc={HONEST.address: 10**20, other.address: 10**20})) as evm:
        first, second = ensure_registry(evm, HONEST), ensure_registry(evm, other)
        assert first != second
        assert is_stock(second, code(evm, second)) == StockArgs(owner=other.address)
