"""A served world whose registry is stock, and a shell in an empty folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dipmp_lib.ethereum.abi import factory_address
from dipmp_lib.ethereum.create2 import StockArgs, registry_address, registry_code
from dipmp_lib.model.names import checksum_address
from tests.support.programs.cli import Shell
from tests.support.programs.doctor import OTHER
from tests.support.systems.node_and_blocks import ServedWorld, served_world

ARGS = StockArgs(owner=OTHER, salt=factory_address().rjust(32, b"\0"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ServedWorld]:
    with served_world(tmp_path) as made:
        made.node.answers["eth_getCode"] = f"0x{registry_code(ARGS).hex()}"
        made.env["DIPMP_REGISTRY"] = checksum_address(registry_address(ARGS))
        yield made


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], world: ServedWorld, tmp_path: Path
) -> Shell:
    made = Shell(monkeypatch, capsys)
    made.environment(world.env)
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    return made
