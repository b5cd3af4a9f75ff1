"""A bench for `dipmp mirror`."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dipmp_lib.publish.mirror.source import SourceClient
from tests.support.fakes.node import FakeNode
from tests.support.fakes.publishing import FakePinner
from tests.support.fakes.source_index import source_index
from tests.support.programs.cli import Shell
from tests.support.systems.commands import MIRROR_ENVIRONMENT, MirrorBench


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[MirrorBench]:
    node, pinner = FakeNode(), FakePinner()
    node.time = int(time.time())
    shell = Shell(monkeypatch, capsys)
    shell.environment(MIRROR_ENVIRONMENT)
    monkeypatch.setattr("dipmp_cli.session.session.HttpRpc", lambda *_, **__: node)
    monkeypatch.setattr("dipmp_cli.settings.settings.pinner_from_uri", lambda _uri, **_: pinner)
    monkeypatch.setattr(
        "dipmp_cli.commands.mirror.run.SourceClient",
        lambda source, fetcher: SourceClient(source, fetcher, lambda _: None),
    )
    with source_index() as source:
        yield MirrorBench(shell, source, tmp_path, node, pinner)
