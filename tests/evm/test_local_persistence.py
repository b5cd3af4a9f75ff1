"""A chain on disk whose process is killed: what was acknowledged is there, and nothing else."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from dipmp_lib.devnet.chain.evm import Evm
from tests.support.systems.embedded_chain import FUNDS, Sender, killed

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


def test_a_killed_process_loses_nothing_that_it_acknowledged(path: Path) -> None:
    sender, acknowledged = Sender(), []
    for wanted in (0, 4):
        with killed(
            subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            lines = [writer.stdout.readline() for _ in range(wanted)]
            writer.kill()
            # A line that the kill cut off was not acknowledged.
            lines += writer.stdout.read().splitlines()
            acknowledged += [line.strip() for line in lines if len(line.strip()) == 64]
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
