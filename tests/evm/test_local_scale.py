"""A state directory with 1,000 releases: nothing is replayed. `-rP` prints the figures."""

import hashlib
import json
import resource
import statistics
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
from web3 import Web3

from dipmp_lib.devnet.chain.evm import Evm
from dipmp_lib.devnet.node import FUNDS, DevNode
from dipmp_lib.ethereum.abi import package_index
from dipmp_lib.log.entries import FileRecord, Release
from dipmp_lib.log.payload import encode_release
from dipmp_lib.transactions.signers import PasswordSource, Signer, signer_from_uri
from tests.support.systems.embedded_chain import killed
from tests.support.waiting import HANGS

pytestmark = [pytest.mark.evm, pytest.mark.long]

PROJECTS, RELEASES = 20, 1000


def release(number: int) -> bytes:
    digest = hashlib.sha256(str(number).encode()).digest()
    name = f"project_{number % PROJECTS}-{number}.0-py3-none-any.whl"
    return encode_release(Release(">=3.11", (FileRecord(name, 1000 + number, digest, None, digest[::-1]),)))


def calls(owner: str) -> list[bytes]:
    contract: Any = Web3().eth.contract(abi=package_index().abi)
    names = [f"project-{number}" for number in range(PROJECTS)]
    claims = [contract.encode_abi("claim", [name, owner, b""]) for name in names]
    appends = [contract.encode_abi("append", [names[n % PROJECTS], 1, release(n)]) for n in range(RELEASES)]
    return [bytes.fromhex(call[2:]) for call in claims + appends]


def signed(signer: Signer, registry: str, data: bytes, nonce: int) -> bytes:
    fees = {"maxFeePerGas": 5 * 10**9, "maxPriorityFeePerGas": 10**9}
    call = {"to": registry, "data": data, "value": 0, "gas": 400_000, "nonce": nonce}
    return signer.sign_transaction({"type": 2, "chainId": 1337, **call, **fees})


def timed_send(evm: Evm, raw: bytes) -> float:
    start = time.process_time()
    evm.send(raw)
    return 1000 * (time.process_time() - start)


def test_a_thousand_releases(tmp_path: Path) -> None:
    with DevNode(state=tmp_path) as node:
        signer = signer_from_uri(node.signer, passwords=PasswordSource(), environment={})
        owner = Web3.to_checksum_address(signer.address)
        start = node.evm.head.block_number
        genesis, *headers = node.evm.headers(0, start)
        now = [genesis.timestamp]  # entries have their block's time, so both chains take the same
        with closing(Evm(alloc={signer.address: FUNDS}, clock=lambda: now[0])) as memory:
            for header in headers:  # what made the registry
                now[0], made = header.timestamp, node.evm.mined_in(header)
                assert made is not None
                memory.send(made.transaction.encode())
            times: list[tuple[float, float]] = []
            first = node.evm.state_at(node.evm.head).get_nonce(signer.address)
            for nonce, data in enumerate(calls(owner), first):
                raw = signed(signer, node.registry, data, nonce)
                on_disk = timed_send(node.evm, raw)
                now[0] = node.evm.head.timestamp
                times.append((on_disk, timed_send(memory, raw)))
            assert memory.head.state_root == node.evm.head.state_root
        assert node.evm.head.block_number == start + PROJECTS + RELEASES
    on_disk, in_memory = (statistics.median(column[PROJECTS:]) for column in zip(*times, strict=True))
    report(f"publish transaction: {on_disk:.1f} ms on disk, {in_memory:.1f} ms in memory, x{on_disk / in_memory:.2f}")
    report(f"state: {sum(path.stat().st_size for path in tmp_path.glob('chain*')) / 1e6:.1f} MB")
    check_restart(tmp_path, sum(each for _, each in times) / 1000)


def report(line: str) -> None:
    sys.stdout.write(line + "\n")


def check_restart(state: Path, replay: float) -> None:
    """Start on the state; the whole program takes less processor time than its transactions would."""
    command = [Path(sys.executable).parent / "dipmp", "dev", "--port", "0", "--json", "--state", state]
    before = processor_seconds()
    with killed(subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True)) as process:
        assert process.stdout is not None
        answer = json.loads(process.stdout.readline())
        files = [len(page(f"{answer['index_url']}project-{number}/")["files"]) for number in range(PROJECTS)]
        process.terminate()
        assert process.wait(HANGS) == 0
    spent = processor_seconds() - before
    report(f"started, and {PROJECTS} pages read, in {spent:.2f} s; to replay the transactions takes {replay:.2f} s")
    assert files == [RELEASES // PROJECTS] * PROJECTS
    assert spent < replay


def processor_seconds() -> float:
    """Return the processor time of all processes that were started and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def page(url: str) -> dict[str, Any]:
    reply = requests.get(url, headers={"Accept": "application/vnd.pypi.simple.v1+json"}, timeout=HANGS)
    assert reply.status_code == 200
    answer: dict[str, Any] = reply.json()
    return answer
