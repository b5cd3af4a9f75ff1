"""Checks of the registry, the balance and the roles."""

from pathlib import Path

import pytest

from dipmp_lib.model.names import checksum_address
from tests.support.fakes.node import REGISTRY
from tests.support.programs.cli import Shell
from tests.support.programs.doctor import ACCOUNT, OTHER, checks
from tests.support.systems.node_and_blocks import ServedWorld


def test_a_registry_that_is_not_stock(shell: Shell, world: ServedWorld) -> None:
    found = checks(shell, "--registry", checksum_address(REGISTRY))
    assert found["registry"]["verdict"] == "warn"
    assert "its past may be forged" in found["registry"]["text"]
    world.node.answers["eth_getCode"] = "0x"
    assert "there is no contract" in checks(shell, code=1)["registry"]["text"]


@pytest.mark.parametrize(("wei", "verdict"), [(0, "fail"), (10**15, "warn"), (10**18, "ok")])
def test_balance(shell: Shell, world: ServedWorld, wei: int, verdict: str) -> None:
    world.node.balance = wei
    assert checks(shell, code=int(verdict == "fail"))["balance"]["verdict"] == verdict


@pytest.mark.slow
def test_roles(shell: Shell, world: ServedWorld, tmp_path: Path) -> None:
    me, now = bytes.fromhex(ACCOUNT[2:]), world.node.time
    model = world.node.model
    model.claim(me, now, "mine", me, b"")
    model.claim(OTHER, now, "theirs", OTHER, b"")
    model.claim(OTHER, now, "shared", OTHER, b"")
    model.set_publisher(OTHER, now, "shared", me, now + 86_400, 0)
    at = ["--registry", checksum_address(REGISTRY)]
    for name, code, part in (
        ("mine", 0, "the key owns the project"),
        ("free", 0, "the first release claims it"),
        ("shared", 0, "the key may publish until "),
        ("theirs", 1, "the project belongs to 0x0B0b"),
        ("a b", 1, "is not a project name"),
    ):
        assert part in checks(shell, *at, name, code=code)["role"]["text"], name
    (tmp_path / "empty" / "pyproject.toml").write_text('[project]\nname = "Mine"\n')
    assert "the key owns the project" in checks(shell, *at)["role"]["text"], "the project around is looked up"


def test_a_curated_registry(shell: Shell, world: ServedWorld) -> None:
    world.node.model.mode = 1
    at = ["--registry", checksum_address(REGISTRY)]
    assert "only the registry's owner may claim names" in checks(shell, *at, "free", code=1)["role"]["text"]
