"""P2 to P6, P9, P10 and reorganisations: what a chain, a disk and other publishers do to a publish, on a real node."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.support.faulty.fault_proxy import FaultProxy, Reply
from tests.support.faulty.toxics import Request
from tests.support.files.wheels import build_wheel
from tests.support.programs.required import missing
from tests.support.systems.embedded_chain import Client
from tests.support.systems.publisher import PublisherSetup, publisher_setup
from tests.support.waiting import HANGS

pytestmark = pytest.mark.node
_numbers = count(1)
GWEI = 10**9
SECONDS = HANGS


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PublisherSetup]:
    with publisher_setup(tmp_path_factory.mktemp("chain")) as made:
        yield made


@pytest.fixture
def setup(shared: PublisherSetup) -> Iterator[PublisherSetup]:
    """The setup with the chain as it was, and mining."""
    state = shared.node("evm_snapshot")
    yield shared
    shared.node("anvil_dropAllTransactions")
    shared.node("evm_revert", state)
    shared.node("anvil_setNextBlockBaseFeePerGas", hex(GWEI))
    shared.node("evm_setAutomine", True)
    for journal in shared.state.rglob("journal.jsonl"):
        journal.unlink()  # what it tells of is not so any more


@pytest.fixture
def name() -> str:
    return f"case-{next(_numbers)}"


def until(holds: Callable[[], object]) -> None:
    """Wait for something."""
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def waiting(setup: PublisherSetup) -> list[dict[str, Any]]:
    """The publisher's transactions that wait to be included."""
    content = setup.node("txpool_content")["pending"]
    return [
        tx for account, queue in content.items() if int(account, 16) == int(setup.account, 16) for tx in queue.values()
    ]


@contextmanager
def publishing(setup: PublisherSetup, *args: str | Path, **more: str) -> Iterator["subprocess.Popen[str]"]:
    """A publish that runs meanwhile."""
    process = setup.start(["-m", "dipmp_cli.main", "publish", "--yes", *args], **more)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(process: "subprocess.Popen[str]") -> str:
    """Return what a publish said that has to go well."""
    _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, said
    return said


def journaled(setup: PublisherSetup) -> list[dict[str, Any]]:
    [journal] = setup.state.rglob("journal.jsonl")
    return [json.loads(line)["record"] for line in journal.read_text().splitlines()]


def test_P2_two_publishers_with_one_key(setup: PublisherSetup, name: str) -> None:
    setup.node("evm_setAutomine", False)
    before = setup.nonce()
    with publishing(setup, setup.wheel(name)) as first:
        until(lambda: waiting(setup))
        second = setup.publish(setup.wheel(f"{name}-b"))
        assert second.returncode == 1
        assert f"error: another dipmp (process {first.pid}) is sending with 0x" in second.stderr
        with publishing(setup, "--wait", setup.wheel(f"{name}-c")) as third:
            time.sleep(1)
            assert third.poll() is None
            setup.node("evm_setAutomine", True)
            setup.node("evm_mine")
            ended(first)
            ended(third)
    assert [setup.releases(each) for each in (name, f"{name}-b", f"{name}-c")] == [1, 0, 1]
    assert setup.nonce() - before == 2


def test_P3_a_nonce_that_was_used_elsewhere_leaves_no_gap(setup: PublisherSetup, name: str) -> None:
    setup.node("anvil_setNonce", setup.account, hex(setup.nonce() + 7))
    before = setup.nonce()
    assert setup.publish(setup.wheel(name)).returncode == 0
    assert setup.nonce() == before + 1
    assert setup.releases(name) == 1


def test_P3_a_foreign_transaction_that_waits(setup: PublisherSetup, name: str) -> None:
    setup.node("evm_setAutomine", False)
    foreign = setup.node("eth_sendTransaction", {"from": setup.account, "to": setup.account, "value": "0x1"})
    refused = setup.publish(setup.wheel(name))
    assert refused.returncode == 1
    assert (
        f"has transactions waiting that were not sent from here (nonce {setup.nonce()}); nothing was sent"
        in refused.stderr
    )
    assert [tx["hash"] for tx in waiting(setup)] == [foreign]
    setup.node("evm_setAutomine", True)
    setup.node("evm_mine")
    assert setup.publish(setup.wheel(name)).returncode == 0
    assert setup.releases(name) == 1


def test_P3_a_foreign_transaction_after_a_gap(setup: PublisherSetup, name: str) -> None:
    """It waits for the nonce between, which the publish fills; the second release must not be sent over it."""
    nonce = hex(setup.nonce() + 1)
    setup.node("eth_sendTransaction", {"from": setup.account, "to": setup.account, "value": "0x1", "nonce": nonce})
    before = setup.nonce()
    assert setup.publish(setup.wheel(name)).returncode == 0
    until(lambda: setup.nonce() == before + 2)
    assert setup.publish(setup.wheel(f"{name}-b")).returncode == 0
    assert (setup.releases(name), setup.releases(f"{name}-b"), setup.nonce() - before) == (1, 1, 3)


def test_P4_stuck_is_replaced_below_the_limit(setup: PublisherSetup, name: str) -> None:
    setup.node("evm_setAutomine", False)
    before = setup.nonce()
    with publishing(setup, "--max-cost", "1", setup.wheel(name)) as process:
        until(lambda: waiting(setup))
        [old] = waiting(setup)
        setup.node("anvil_setNextBlockBaseFeePerGas", hex(10 * int(old["maxFeePerGas"], 16)))
        setup.node("evm_mine")
        until(lambda: waiting(setup) and waiting(setup)[0]["hash"] != old["hash"])
        [new] = waiting(setup)
        for field in ("maxFeePerGas", "maxPriorityFeePerGas"):
            assert int(new[field], 16) * 10 >= int(old[field], 16) * 11
        assert [new[field] for field in ("nonce", "to", "input")] == [old[field] for field in ("nonce", "to", "input")]
        assert int(new["gas"], 16) * int(new["maxFeePerGas"], 16) <= 10**18
        signed = [record for record in journaled(setup) if record["kind"] == "signed"]
        assert [record["hash"] for record in signed[-2:]] == [old["hash"], new["hash"]]
        setup.node("evm_mine")
        assert "is stuck: replaced by" in ended(process)
    assert (setup.releases(name), setup.nonce() - before) == (1, 1)


def test_P4_nothing_goes_above_the_limit(setup: PublisherSetup, name: str) -> None:
    """Without --max-cost the limit is what the plan said; a later run may be given more, and uses the same nonce."""
    setup.node("evm_setAutomine", False)
    before = setup.nonce()
    with publishing(setup, setup.wheel(name)) as process:
        until(lambda: waiting(setup))
        [old] = waiting(setup)
        setup.node("anvil_setNextBlockBaseFeePerGas", hex(10 * int(old["maxFeePerGas"], 16)))
        setup.node("evm_mine")
        time.sleep(5)
        assert process.poll() is None
        assert waiting(setup) == []  # anvil drops what does not pay the base fee, and does not take it again
    with publishing(setup, "--max-cost", "1", setup.wheel(name)) as again:
        until(lambda: waiting(setup))
        [new] = waiting(setup)
        assert (new["nonce"], new["hash"] == old["hash"]) == (old["nonce"], False)
        setup.node("evm_mine")
        said = ended(again)
    assert f"the transaction {old['hash']} is not accepted any more (claim {name}): " in said
    assert (setup.releases(name), setup.nonce() - before) == (1, 1)


def test_P4_a_plan_above_the_limit_is_refused(setup: PublisherSetup, name: str) -> None:
    before = setup.nonce()
    refused = setup.publish("--max-cost", "0.000000000001", setup.wheel(name))
    assert refused.returncode == 1
    assert "more than the 0.000000000001 ETH that it may cost" in refused.stderr
    assert (setup.releases(name), setup.nonce()) == (0, before)


def test_P5_dropped_is_sent_again_byte_for_byte(setup: PublisherSetup, name: str) -> None:
    setup.node("evm_setAutomine", False)
    before = setup.nonce()
    with publishing(setup, setup.wheel(name)) as process:
        until(lambda: waiting(setup))
        [old] = waiting(setup)
        setup.node("anvil_dropTransaction", old["hash"])
        until(lambda: waiting(setup))
        assert [tx["hash"] for tx in waiting(setup)] == [old["hash"]]
        setup.node("evm_mine")
        ended(process)
    assert (setup.releases(name), setup.nonce() - before) == (1, 1)


def test_P5_dropped_after_the_publisher_died(setup: PublisherSetup, name: str) -> None:
    setup.node("evm_setAutomine", False)
    before = setup.nonce()
    with publishing(setup, setup.wheel(name)):
        until(lambda: waiting(setup))
        [old] = waiting(setup)
    setup.node("anvil_dropTransaction", old["hash"])
    setup.node("evm_setAutomine", True)
    said = setup.publish(setup.wheel(name))
    assert said.returncode == 0, said.stderr
    assert f"going on with the transaction {old['hash']}" in said.stderr
    assert setup.node("eth_getTransactionReceipt", old["hash"])["status"] == "0x1"
    assert (setup.releases(name), setup.nonce() - before) == (1, 1)


def test_R9_a_reorganisation_while_waiting_for_finality(setup: PublisherSetup, name: str) -> None:
    before = setup.nonce()
    with publishing(setup, "--finality", "finalized", setup.wheel(name)) as process:
        until(lambda: setup.nonce() == before + 1)
        time.sleep(3)
        assert process.poll() is None  # included, and not final
        setup.node("evm_setAutomine", False)
        setup.node("anvil_rollback", 1)
        assert setup.releases(name) == 0
        until(lambda: waiting(setup))
        setup.node("evm_setAutomine", True)
        setup.node("anvil_mine", "0x4")
        said = ended(process)
    assert "is no longer part of the chain: sending it again" in said
    assert (setup.releases(name), setup.nonce() - before) == (1, 1)


def test_R9_a_reorganisation_after_the_publish(setup: PublisherSetup, name: str) -> None:
    before = setup.nonce()
    assert setup.publish(setup.wheel(name)).returncode == 0
    [first] = {record["hash"] for record in journaled(setup) if record["kind"] == "signed"}
    setup.node("anvil_rollback", 1)
    assert (setup.releases(name), setup.nonce()) == (0, before)
    again = setup.publish(setup.wheel(name))
    assert again.returncode == 0, again.stderr
    assert f"the transaction {first} is no longer on chain (claim {name})" in again.stderr
    assert setup.node("eth_getTransactionReceipt", first)["status"] == "0x1"
    assert (setup.releases(name), setup.nonce() - before) == (1, 1)


class Liar:
    """An endpoint that takes transactions, passes none on, and says that all were included; the rest is true."""

    def __init__(self, node: Client) -> None:
        self._node = node
        self.taken: list[str] = []

    def __call__(self, request: Request) -> Reply:
        asked = json.loads(request.body)
        method, params = asked["method"], asked["params"]
        if method == "eth_sendRawTransaction":
            self.taken.append(params[0])
            result: Any = "0x" + "11" * 32
        elif method == "eth_getTransactionReceipt":
            result = {
                "transactionHash": params[0],
                "blockNumber": self._node("eth_blockNumber"),
                "blockHash": "0x" + "22" * 32,
                "status": "0x1",
                "gasUsed": hex(200_000),
                "effectiveGasPrice": hex(GWEI),
            }
        else:
            result = self._node(method, *params)
        body = {"jsonrpc": "2.0", "id": asked["id"], "result": result}
        return 200, json.dumps(body).encode(), {"content-type": "application/json"}


def test_P6_a_forged_receipt_is_not_believed(setup: PublisherSetup, name: str) -> None:
    """Beside two honest endpoints the liar changes nothing; all of them get the transaction."""
    before = setup.nonce()
    with FaultProxy(Liar(setup.node)) as proxy, FaultProxy(setup.chain.url) as second:
        for number, urls in enumerate(
            [(proxy.url, setup.chain.url, second.url), (setup.chain.url, second.url, proxy.url)]
        ):
            done = setup.with_rpc(*urls).publish(setup.wheel(f"{name}-{number}"))
            assert done.returncode == 0, done.stderr
    assert (setup.releases(f"{name}-0"), setup.releases(f"{name}-1"), setup.nonce() - before) == (1, 1, 2)


def test_P6_alone_it_is_found_out_by_reading_back(setup: PublisherSetup, name: str) -> None:
    """And once an honest endpoint is asked, the very transaction that was swallowed is sent."""
    before, liar = setup.nonce(), Liar(setup.node)
    with FaultProxy(liar) as proxy:
        fooled = setup.with_rpc(proxy.url).publish(setup.wheel(name))
    assert fooled.returncode == 1
    assert "but the registry does not list" in fooled.stderr
    assert (setup.releases(name), setup.nonce()) == (0, before)
    again = setup.publish(setup.wheel(name))
    assert again.returncode == 0, again.stderr
    [raw] = {record["raw"] for record in journaled(setup) if record["kind"] == "signed"}
    assert liar.taken[0] == raw
    assert (setup.releases(name), setup.nonce() - before) == (1, 1)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A tmpfs of its own; only root may make one."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, check=False
    )
    if done.returncode:
        missing(f"no tmpfs can be mounted here ({done.stderr.decode().strip()})")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_P9_a_full_disk_stops_before_the_transaction(setup: PublisherSetup, name: str, tmp_path: Path) -> None:
    names = [f"{name}-{number}" for number in range(9)]
    with small_disk(tmp_path / "disk", "64k") as disk:
        assert setup.publish(setup.wheel(names.pop()), DIPMP_STATE=str(disk)).returncode == 0
        [journal] = disk.rglob("journal.jsonl")
        (disk / "filler").write_bytes(bytes(os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize))
        while names:  # until no record fits in what is left of the journal's last page
            was, before = journal.read_bytes(), setup.nonce()
            refused = setup.publish(setup.wheel(names[-1]), DIPMP_STATE=str(disk))
            if refused.returncode:
                break
            names.pop()
        assert refused.returncode == 1
        assert "journal.jsonl cannot be used: No space left on device" in refused.stderr
        assert journal.read_bytes() == was
        assert (setup.releases(names[-1]), setup.nonce(), setup.nonce("pending")) == (0, before, before)
        (disk / "filler").unlink()
        assert setup.publish(setup.wheel(names[-1]), DIPMP_STATE=str(disk)).returncode == 0
    assert (setup.releases(names[-1]), setup.nonce()) == (1, before + 1)


def test_P9_a_journal_that_may_not_grow_stops_before_the_transaction(setup: PublisherSetup, name: str) -> None:
    """The limit on the size of files stands in for a full disk where none may be mounted."""
    assert setup.publish(setup.wheel(f"{name}-a")).returncode == 0
    [journal] = setup.state.rglob("journal.jsonl")
    was, before = journal.read_bytes(), setup.nonce()
    limit = len(was) + 500
    code = (
        "import resource, runpy, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); "
        "runpy.run_module('dipmp_cli.main', run_name='__main__')"
    )
    refused = setup.run(["-B", "-c", code, "publish", "--yes", setup.wheel(name)])
    assert refused.returncode == 1
    assert "journal.jsonl cannot be used: File too large" in refused.stderr
    assert journal.read_bytes() == was
    assert (setup.releases(name), setup.nonce("pending")) == (0, before)
    assert setup.publish(setup.wheel(name)).returncode == 0
    assert (setup.releases(name), setup.nonce()) == (1, before + 1)


def test_P10_the_same_again_sends_nothing(setup: PublisherSetup, name: str) -> None:
    assert setup.publish(setup.wheel(name)).returncode == 0
    before = setup.nonce()
    again = setup.publish(setup.wheel(name))
    assert again.returncode == 0
    assert "skip: already published" in again.stderr
    assert setup.nonce("pending") == before


def test_P10_other_bytes_are_refused(setup: PublisherSetup, name: str) -> None:
    assert setup.publish(setup.wheel(name)).returncode == 0
    before = setup.nonce()
    other = build_wheel(setup.folder / name, name, "1.0", payload=b"other")
    refused = setup.publish(other)
    assert refused.returncode == 1
    assert "is already published with other bytes" in refused.stderr
    assert (setup.nonce("pending"), setup.releases(name)) == (before, 1)
