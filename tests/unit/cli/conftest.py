"""A bench for commands that read or write a registry; folders of other commands have their own."""

from collections.abc import Iterator

import pytest

from tests.support.programs.cli import Shell
from tests.support.systems.commands import ENVIRONMENT, CommandBench


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[CommandBench]:
    made = CommandBench(Shell(monkeypatch, capsys))
    made.shell.environment(ENVIRONMENT)
    monkeypatch.setattr("dipmp_cli.session.session.HttpRpc", lambda *_, **__: made.node)
    yield made
    assert "secret-token" not in str(made.node.calls)
