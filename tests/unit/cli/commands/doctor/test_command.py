"""`dipmp doctor`: its lines and its document, its exit code, and what it must not do."""

from tests.support.programs.cli import Shell
from tests.support.programs.doctor import ACCOUNT, checks
from tests.support.systems.node_and_blocks import KEY, ServedWorld


def test_all_is_well(shell: Shell, world: ServedWorld) -> None:
    found = checks(shell)
    assert set(found) == {"rpc", "finality", "registry", "balance", "pinner", "gateway"}
    assert {each["verdict"] for each in found.values()} == {"ok"}
    assert "chain 1337" in found["rpc"]["text"]
    assert found["registry"]["text"].endswith("is stock, open: anybody may claim names")
    assert found["balance"]["text"].startswith(f"{ACCOUNT} holds 1 ETH")
    assert not world.node.sent, "it sends no transaction"


def test_the_same_for_people(shell: Shell, world: ServedWorld) -> None:
    world.node.balance = 0
    ran = shell.dipmp("doctor")
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert any(line.startswith("ok    rpc http://127.0.0.1") for line in lines)
    failed = next(number for number, line in enumerate(lines) if line.startswith("fail  balance: "))
    assert lines[failed + 1] == "      next: send it some of the currency of chain 1337"
    assert "\x1b" not in ran.out
    assert KEY not in ran.out + ran.err
