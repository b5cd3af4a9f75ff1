"""`dipmp dev` around a node: what it prints, when it ends, and what it says where a part is not installed."""

import builtins
import json
import shlex
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest

from dipmp_cli.commands import dev
from tests.support.programs.cli import Shell

SIGNER = "keystore:/a folder/key.json"


class FakeNode:
    """A node that asks for its end as soon as it runs."""

    rpc_url = "http://127.0.0.1:1"
    gateway_url = "http://127.0.0.1:2/ipfs"
    registry = "0xREGISTRY"
    pinner = "kubo:http://127.0.0.1:2"
    signer = SIGNER
    index_url = "http://127.0.0.1:3/simple/0xREGISTRY/"

    def __init__(self, end: Callable[[], object]) -> None:
        self._end = end
        self.closed = False

    def __enter__(self) -> Self:
        self._end()
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True

    def endpoints(self) -> dict[str, str]:
        return {"rpc": self.rpc_url}


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capsys)


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM])
def node(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> FakeNode:
    handlers: dict[int, Any] = {}
    monkeypatch.setattr(signal, "signal", lambda number, handler: handlers.update({number: handler}))
    made = FakeNode(lambda: handlers[request.param](request.param, None))
    monkeypatch.setattr(dev, "_open", lambda _port, _state: made)
    return made


def test_a_signal_while_it_starts_ends_it_when_it_runs(node: FakeNode, shell: Shell) -> None:
    ran = shell.dipmp("dev")
    assert (ran.code, node.closed) == (0, True)
    assert ran.err == "Stopped. Nothing is kept.\n"


def test_the_lines_to_copy_set_every_variable(node: FakeNode, shell: Shell) -> None:
    lines = shell.dipmp("dev").out.splitlines()
    exported = [word for line in lines if line.startswith("export ") for word in shlex.split(line)[1:]]
    variables = dict(word.split("=", 1) for word in exported)
    assert variables == {
        "ETH_GATEWAY": node.rpc_url,
        "IPFS_GATEWAY": node.gateway_url,
        "DIPMP_REGISTRY": node.registry,
        "DIPMP_PINNER": node.pinner,
        "DIPMP_SIGNER": SIGNER,
        "DIPMP_INDEX_URL": node.index_url,
    }


def test_json_is_one_line_and_nothing_else(node: FakeNode, shell: Shell) -> None:
    ran = shell.dipmp("dev", "--json")
    assert json.loads(ran.out) == node.endpoints()
    assert (ran.out.count("\n"), ran.err) == (1, "")


def test_a_folder_is_named_when_it_ends(node: FakeNode, shell: Shell, tmp_path: Path) -> None:
    assert shell.dipmp("dev", "--state", tmp_path).err == f"Stopped. Everything is kept in {tmp_path}.\n"


def test_an_extra_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, shell: Shell) -> None:
    honest = builtins.__import__

    def without(name: str, *rest: Any) -> object:  # noqa: ANN401 - as the built-in has it
        if name == "dipmp_lib.devnet.node":
            raise ModuleNotFoundError("No module named 'eth'", name="eth")
        return honest(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    ran = shell.dipmp("dev")
    assert (ran.code, ran.error) == (1, "eth is not installed")
    assert "pip install 'dipmp-pkg[local]'" in ran.err
