"""A release that a key without money signs and another account pays for, through the real contract and index."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_account import Account

from dipmp_lib.devnet.node import DevNode
from tests.support.files.wheels import build_wheel
from tests.support.programs.cli import Shell
from tests.support.programs.dipmp import publish_settings

pytestmark = pytest.mark.evm

POOR = Account.from_key("0x" + "0d" * 32)


@pytest.fixture(scope="module")
def dev() -> Iterator[DevNode]:
    with DevNode() as node:
        yield node


def test_one_signs_and_another_pays(
    dev: DevNode, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shell, request = Shell(monkeypatch, capsys), tmp_path / "request.json"
    shell.environment(publish_settings(dev))
    monkeypatch.setenv("POOR", POOR.key.hex())
    wheel, options = build_wheel(tmp_path, "paid-for"), ("--sign-only", request, "--signer", "env:POOR", "--yes")
    assert "is not claimed yet" in shell.publish(wheel, *options).error
    ran = shell.dipmp("project", "claim", "paid-for", "--owner", POOR.address, "--yes")
    assert ran.code == 0, ran.err
    ran = shell.publish(wheel, *options)
    assert ran.code == 0, ran.err

    ran = shell.dipmp("relay", request, "--yes", "--json")
    assert ran.code == 0, ran.err
    [transaction] = json.loads(ran.out)["transactions"]
    assert transaction["gas_used"] <= 123_000
    project = json.loads(shell.dipmp("project", "show", "paid-for", "--json").out)
    assert project["owner"] == POOR.address
    history = json.loads(shell.dipmp("log", "paid-for", "--json").out)
    assert POOR.address in json.dumps(history)
    assert "skip: already published" in shell.publish(wheel).err

    assert shell.dipmp("relay", request, "--yes").error == "the request was used already: it is entry 1 of paid-for"
    request.unlink()
    assert shell.publish(build_wheel(tmp_path, "paid-for", "2.0"), *options, "--valid", "1h").code == 0
    dev.evm.increase_time(7200)
    dev.evm.mine()
    assert shell.dipmp("relay", request, "--yes").error == f"the request of {POOR.address} has expired"
