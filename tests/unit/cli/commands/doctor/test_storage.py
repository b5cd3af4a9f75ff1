"""Checks of pinners and gateways."""

from tests.support.programs.cli import Shell
from tests.support.programs.doctor import checks
from tests.support.systems.node_and_blocks import ServedWorld


def test_pinners_and_gateways_that_fail(shell: Shell) -> None:
    found = checks(shell, "--pinner", "kubo:http://127.0.0.1:1", "--gateway", "http://127.0.0.1:1/ipfs", code=1)
    assert found["pinner"]["verdict"] == "fail"
    assert found["gateway"]["next"].startswith("nothing was pinned")
    found = checks(shell, "--gateway", "http://127.0.0.1:1/ipfs")
    assert (found["gateway"]["verdict"], found["pinner"]["verdict"]) == ("warn", "ok")


def test_no_gateway(shell: Shell, world: ServedWorld) -> None:
    shell.environment({name: value for name, value in world.env.items() if name != "IPFS_GATEWAY"})
    assert checks(shell)["gateways"]["verdict"] == "warn"
