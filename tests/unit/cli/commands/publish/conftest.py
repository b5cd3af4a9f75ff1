"""A bench for `dipmp publish`."""

import pytest

from tests.support.programs.cli import Shell
from tests.support.systems.commands import PUBLISH_ENVIRONMENT, PublishBench


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> PublishBench:
    made = PublishBench(Shell(monkeypatch, capsys))
    made.shell.environment(PUBLISH_ENVIRONMENT)
    monkeypatch.setattr("dipmp_cli.session.session.HttpRpc", made.rpc)
    monkeypatch.setattr("dipmp_cli.settings.settings.pinner_from_uri", lambda _uri, **_: made.pinner)
    return made
