"""P1: a publish killed at any moment and run again comes to one release, one nonce and one paid transaction.

The moments are those before and after everything that reaches the disk or the network, which the program's own run
tells (tests/support/faulty/kill_points.py). What is paid is counted by the account's nonce: an included transaction
takes one, and nothing else does.
"""

import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.support.systems.publisher import Desk, publishing_desk

pytestmark = pytest.mark.node
_KILLS = "tests.support.faulty.kill_points"
_numbers = count(1)
PIN = "POST import"
NETWORK = [PIN, "eth_estimateGas", "eth_getTransactionCount", "eth_sendRawTransaction", "eth_getTransactionReceipt"]
FSYNC = "fsync journal.jsonl"
WHENS = ["before", "after"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with publishing_desk(tmp_path_factory.mktemp("kills")) as made:
        yield made


def killable(desk: Desk, name: str, step: str, when: str, log: Path) -> int:
    """Publish a wheel, with death at a step; return the exit code, negative for a signal."""
    return desk.run(["-m", _KILLS, log, step, when, "publish", "--yes", desk.wheel(name)]).returncode


@pytest.fixture(scope="module")
def steps(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a publish does, in order, when nothing stops it. An account's first publish also makes its folder."""
    log = tmp_path_factory.mktemp("steps") / "steps"
    assert killable(desk, "before-all", "none", "after", tmp_path_factory.mktemp("first") / "steps") == 0
    assert killable(desk, "whole", "none", "after", log) == 0
    return log.read_text().splitlines()


def kill_and_resume(desk: Desk, step: str, when: str, log: Path) -> str:
    """Kill at a step, run the same command again, and insist on what has to be so; return what the resumed run said.

    How often a node is asked is chance: a step that was not reached this time kills nobody.
    """
    name = f"kill-{next(_numbers)}"
    before = desk.nonce()
    code = killable(desk, name, step, when, log)
    assert code == (-signal.SIGKILL if step in log.read_text().splitlines() else 0)
    assert desk.nonce() - before <= 1
    again = desk.publish(desk.wheel(name))
    assert again.returncode == 0, again.stderr
    assert desk.releases(name) == 1
    assert desk.nonce() - before == 1
    assert desk.nonce("pending") == desk.nonce()
    return again.stderr


def test_P1_the_transaction_is_on_disk_before_it_is_sent(steps: list[str]) -> None:
    assert steps.index(f"{FSYNC}#1") < steps.index("eth_sendRawTransaction#1")
    assert "eth_sendRawTransaction#2" not in steps
    assert {f"{step}#1" for step in NETWORK} <= set(steps)
    assert {f"{FSYNC}#1", f"{FSYNC}#2"} <= set(steps)
    assert f"{FSYNC}#3" not in steps


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize("name", NETWORK)
def test_P1_killed_at_a_network_step(desk: Desk, name: str, when: str, tmp_path: Path) -> None:
    kill_and_resume(desk, f"{name}#1", when, tmp_path / "steps")
    assert f"{name}#1" in (tmp_path / "steps").read_text().splitlines()


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize("number", [1, 2])
def test_P1_killed_at_an_fsync_of_the_journal(desk: Desk, number: int, when: str, tmp_path: Path) -> None:
    """The first is that of the signed transaction, the second that of its end."""
    said = kill_and_resume(desk, f"{FSYNC}#{number}", when, tmp_path / "steps")
    # What was written survives this kill even before its fsync: it is the machine that forgets, not the program.
    assert ("going on with the transaction 0x" in said) == (number == 1)


@pytest.mark.long
def test_P1_killed_at_every_step(desk: Desk, steps: list[str], tmp_path: Path) -> None:
    for number, step in enumerate(steps):
        for when in WHENS:
            kill_and_resume(desk, step, when, tmp_path / f"{number}-{when}")
    print(f"\nP1: {2 * len(steps)} kills, each resumed to one release and one transaction")
