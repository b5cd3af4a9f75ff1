"""The chain: on disk it survives restarts and kills; its time is the clock's, and rises."""

from contextlib import closing
from pathlib import Path

import pytest

from dipmp_lib.devnet.chain.evm import Evm
from dipmp_lib.devnet.chain.proofs import account_proof
from dipmp_lib.errors import InvalidInput
from tests.support.systems.embedded_chain import FUNDS, NOW, STORE, Sender, chain_and_client, hexed

pytestmark = pytest.mark.evm


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chain.sqlite"


def opened(path: Path, sender: Sender) -> "closing[Evm]":
    return closing(Evm(path, alloc={sender.address: FUNDS}))


def test_everything_is_there_after_a_restart(path: Path) -> None:
    sender = Sender()
    with opened(path, sender) as evm:
        contract = sender.create(evm, STORE)
        digest = evm.send(sender.sign(contract, (5).to_bytes(32)))
        head, proof = evm.head, account_proof(evm.db, evm.head, contract, [0])
        mined = evm.mined(digest)
    with opened(path, sender) as again:
        assert again.head == head
        assert again.head.hash == head.hash
        assert account_proof(again.db, head, contract, [0]) == proof
        assert proof["storageProof"][0]["value"] == "0x5"
        found = again.mined(digest)
        assert mined is not None
        assert found is not None
        assert (found.transaction, found.receipt, found.header) == (mined.transaction, mined.receipt, mined.header)
        again.send(sender.sign(contract, (6).to_bytes(32)))
        assert again.head.parent_hash == head.hash
        assert again.state_at(again.head).get_storage(contract, 0) == 6
        assert again.state_at(head).get_storage(contract, 0) == 5


def test_a_shifted_clock_stays_shifted(path: Path) -> None:
    sender = Sender()
    with closing(Evm(path, alloc={sender.address: FUNDS}, clock=lambda: 1_800_000_000)) as evm:
        evm.increase_time(1000)
    with closing(Evm(path, clock=lambda: 1_800_000_100)) as evm:
        evm.send(sender.sign(data=NOW))
        assert evm.head.timestamp == 1_800_001_100


def test_a_wall_clock_that_went_back_is_no_obstacle(path: Path) -> None:
    sender = Sender()
    with closing(Evm(path, alloc={sender.address: FUNDS}, clock=lambda: 1_800_000_000)) as evm:
        evm.mine()
    with closing(Evm(path, clock=lambda: 1_700_000_000)) as evm:
        evm.mine()
        assert evm.head.timestamp == 1_800_000_002


def test_another_chain_id_is_refused(path: Path) -> None:
    Evm(path, chain_id=5).close()
    with pytest.raises(InvalidInput, match="chain id 5, not 1337"):
        Evm(path)


def test_the_funds_are_given_once(path: Path) -> None:
    first, second = Sender(seed=1), Sender(seed=2)
    with opened(path, first):
        pass
    with opened(path, second) as evm:
        state = evm.state_at(evm.head)
        assert (state.get_balance(first.address), state.get_balance(second.address)) == (FUNDS, 0)


def test_time_is_the_walls_and_can_be_moved() -> None:
    sender, now = Sender(), 1_800_000_000.0
    with chain_and_client(sender, clock=lambda: now) as (evm, rpc):
        clock = hexed(sender.create(evm, NOW))

        def block_time() -> int:
            return int(rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

        assert block_time() == int(now) + 1  # genesis has this very second
        now += 100
        assert int(rpc("eth_call", {"to": clock}, "latest"), 16) == block_time()
        assert int(rpc("eth_call", {"to": clock}, "pending"), 16) == int(now)
        rpc("evm_mine")
        assert block_time() == int(now)
        assert rpc("evm_increaseTime", 14 * 86_400 + 1) == hex(14 * 86_400 + 1)
        rpc("evm_mine")
        assert block_time() == int(now) + 14 * 86_400 + 1
        rpc("evm_mine", hex(int(now) + 20 * 86_400))
        assert block_time() == int(now) + 20 * 86_400
        rpc("evm_mine", 5)  # the past: time still rises
        assert block_time() == int(now) + 20 * 86_400 + 1
