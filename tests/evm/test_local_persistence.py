"""A chain on disk: what was acknowledged survives restarts and kills, and nothing else is there."""

import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from dipmp_lib.devnet.chain.evm import Evm
from dipmp_lib.devnet.chain.proofs import account_proof
from dipmp_lib.errors import InvalidInput
from tests.support.systems.embedded_chain import FUNDS, NOW, STORE, Sender, killed

pytestmark = pytest.mark.evm

WRITER = """
import sys
from pathlib import Path
from dipmp_lib.devnet.chain.evm import Evm
from tests.support.systems.embedded_chain import Sender, STORE, FUNDS

sender = Sender()
evm = Evm(Path(sys.argv[1]), alloc={sender.address: FUNDS})
sender.nonce = evm.state_at(evm.head).get_nonce(sender.address)
print("ready", flush=True)
while True:
    raw = sender.sign(b"\\x42" * 20, value=1)
    print(evm.send(raw).hex(), flush=True)
"""


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


def test_a_killed_process_loses_nothing_that_it_acknowledged(path: Path) -> None:
    sender, acknowledged = Sender(), []
    for delay in (0.05, 0.4):
        with killed(
            subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            time.sleep(delay)
            writer.kill()
            # A line that the kill cut off was not acknowledged.
            acknowledged += [line for line in writer.stdout.read().splitlines() if len(line) == 64]
        with opened(path, sender) as evm:
            check_chain(evm, sender, acknowledged)
    assert len(acknowledged) > 3


def check_chain(evm: Evm, sender: Sender, acknowledged: list[str]) -> None:
    """Walk the whole chain: linked, executable at its head, and exactly the acknowledged blocks plus one per kill."""
    headers = list(evm.headers(0, evm.head.block_number))
    assert [header.parent_hash for header in headers[1:]] == [header.hash for header in headers[:-1]]
    hashes = [mined.transaction.hash.hex() for header in headers[1:] if (mined := evm.mined_in(header))]
    assert len(hashes) == evm.head.block_number
    assert set(acknowledged) <= set(hashes)
    assert len(hashes) <= len(acknowledged) + 2
    state = evm.state_at(evm.head)
    assert state.get_nonce(sender.address) == state.get_balance(b"\x42" * 20) == len(hashes)
