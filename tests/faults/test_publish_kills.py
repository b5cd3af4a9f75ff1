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

from tests.support.systems.publisher import PublisherSetup, publisher_setup

pytestmark = pytest.mark.node
_KILLS = "tests.support.faulty.kill_points"
_numbers = count(1)
PIN = "POST import"
NETWORK = [PIN, "eth_estimateGas", "eth_getTransactionCount", "eth_sendRawTransaction", "eth_getTransactionReceipt"]
FSYNC = "fsync journal.jsonl"
WHENS = ["before", "after"]


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PublisherSetup]:
    with publisher_setup(tmp_path_factory.mktemp("kills")) as made:
        yield made


def killable(setup: PublisherSetup, name: str, step: str, when: str, log: Path) -> int:
    """Publish a wheel, with death at a step; return the exit code, negative for a signal."""
    return setup.run(["-m", _KILLS, log, step, when, "publish", "--yes", setup.wheel(name)]).returncode


@pytest.fixture(scope="module")
def steps(setup: PublisherSetup, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a publish does, in order, when nothing stops it. An account's first publish also makes its folder."""
    log = tmp_path_factory.mktemp("steps") / "steps"
    assert killable(setup, "before-all", "none", "after", tmp_path_factory.mktemp("first") / "steps") == 0
    assert killable(setup, "whole", "none", "after", log) == 0
    return log.read_text().splitlines()


def kill_and_resume(setup: PublisherSetup, step: str, when: str, log: Path) -> str:
    """Kill at a step, run the same command again, and insist on what has to be so; return what the resumed run said.

    How often a node is asked is chance: a step that was not reached this time kills nobody.
    """
    name = f"kill-{next(_numbers)}"
    before = setup.nonce()
    code = killable(setup, name, step, when, log)
    assert code == (-signal.SIGKILL if step in log.read_text().splitlines() else 0)
    assert setup.nonce() - before <= 1
    again = setup.publish(setup.wheel(name))
    assert again.returncode == 0, again.stderr
    assert setup.releases(name) == 1
    assert setup.nonce() - before == 1
    assert setup.nonce("pending") == setup.nonce()
    return again.stderr


def test_P1_the_transaction_is_on_disk_before_it_is_sent(steps: list[str]) -> None:
    assert steps.index(f"{FSYNC}#1") < steps.index("eth_sendRawTransaction#1")
    assert "eth_sendRawTransaction#2" not in steps
    assert {f"{step}#1" for step in NETWORK} <= set(steps)
    assert {f"{FSYNC}#1", f"{FSYNC}#2"} <= set(steps)
    assert f"{FSYNC}#3" not in steps


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize("name", NETWORK)
def test_P1_killed_at_a_network_step(setup: PublisherSetup, name: str, when: str, tmp_path: Path) -> None:
    kill_and_resume(setup, f"{name}#1", when, tmp_path / "steps")
    assert f"{name}#1" in (tmp_path / "steps").read_text().splitlines()


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize("number", [1, 2])
def test_P1_killed_at_an_fsync_of_the_journal(setup: PublisherSetup, number: int, when: str, tmp_path: Path) -> None:
    """The first is that of the signed transaction, the second that of its end."""
    said = kill_and_resume(setup, f"{FSYNC}#{number}", when, tmp_path / "steps")
    # What was written survives this kill even before its fsync: it is the machine that forgets, not the program.
    assert ("going on with the transaction 0x" in said) == (number == 1)


@pytest.mark.long
def test_P1_killed_at_every_step(setup: PublisherSetup, steps: list[str], tmp_path: Path) -> None:
    for number, step in enumerate(steps):
        for when in WHENS:
            kill_and_resume(setup, step, when, tmp_path / f"{number}-{when}")
    print(f"\nP1: {2 * len(steps)} kills, each resumed to one release and one transaction")
