"""Decorators that give shared options to a command, and a context in their place."""

import inspect
from pathlib import Path
from typing import Any

import pytest

from dipmp_cli.session.context import PublishContext, ReadContext, RunOptions, WriteContext
from dipmp_cli.session.options import make_flags, publishes, reads, writes, writes_to_chain
from dipmp_cli.settings.settings import Flags
from dipmp_lib.errors import InvalidSettings
from tests.support.systems.commands import ADDRESS_OF_REGISTRY, PUBLISH_ENVIRONMENT

DECORATORS: dict[str, Any] = {"reads": reads, "writes": writes, "chain": writes_to_chain, "publishes": publishes}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {**PUBLISH_ENVIRONMENT, "DIPMP_CONFIG": ""}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / name)


def command(context: Any, name: str, *, reason: str = "") -> None:  # noqa: ANN401 - any context
    """Help of the command."""
    SEEN[:] = [context, name, reason]


SEEN: list[Any] = []


def run(kind: str, **values: Any) -> Any:  # noqa: ANN401 - its context
    """Run the command with the defaults of its options and some values."""
    decorated = DECORATORS[kind](command)
    parameters = inspect.signature(decorated).parameters.values()
    defaults = {each.name: each.default for each in parameters if each.default is not each.empty}
    decorated(**{**defaults, "name": "demo", **values})
    context, *own = SEEN
    assert own == ["demo", values.get("reason", "")]
    return context


@pytest.mark.parametrize("kind", DECORATORS)
def test_help_and_own_parameters_stay(kind: str) -> None:
    decorated = DECORATORS[kind](command)
    names = list(inspect.signature(decorated).parameters)
    assert decorated.__doc__ == "Help of the command."
    assert names[:2] == ["name", "reason"]
    assert "context" not in names
    assert {"rpc", "chain_id", "as_json"} <= set(names)
    assert ("yes" in names) == (kind != "reads")
    assert ("registry" in names) == (kind != "chain")


def test_each_kind_has_its_context() -> None:
    assert type(run("reads")) is ReadContext
    assert type(run("writes")) is WriteContext
    assert type(run("chain")) is WriteContext
    assert type(run("publishes")) is PublishContext


def test_options_and_flags_come_through() -> None:
    context = run("publishes", dry_run=True, as_json=True, verbose=True, pins="1", signer="env:OTHER", reason="r")
    assert context.options == RunOptions(dry_run=True, yes=False, as_json=True, verbose=True)
    assert (context.settings.pins, context.settings.chain.signer) == (1, "env:OTHER")
    assert run("writes", yes=True).options == RunOptions(yes=True)
    assert str(run("reads").settings.registry) == ADDRESS_OF_REGISTRY


def test_a_chain_has_no_registry() -> None:
    settings = run("chain").settings
    assert not any(settings.registry.address)
    assert run("chain", chain="base", rpc=["http://x.example"]).settings.chain_id == 8453


def test_only_what_writes_needs_a_signer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIPMP_SIGNER")
    assert run("reads").settings.signer == ""
    with pytest.raises(InvalidSettings, match="DIPMP_SIGNER"):
        run("writes")


def test_flags_are_the_values_that_are_given() -> None:
    values = {"registry": "x", "rpc": None, "gateway": ["g"], "pins": None, "yes": True, "as_json": False}
    assert make_flags(values) == Flags(registry="x", gateway=["g"])
    assert make_flags({"chain": None}).chain == ""
    assert make_flags({"chain": "base"}).chain == "base"
    assert make_flags({}).chain is None
