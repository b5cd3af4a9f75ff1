"""Contexts: what they open, once, and that leftovers of an earlier run come first."""

import pytest

from dipmp_cli.session import context
from dipmp_cli.session.context import ReadContext, RunOptions, WriteContext
from dipmp_cli.settings.settings import ChainSettings, Flags, read_chain_settings
from dipmp_lib.errors import InvalidName
from tests.support.systems.commands import ENVIRONMENT, CommandBench

HOUR = 3_600


class FakeWriter:
    """A writer that counts how often it settled."""

    def __init__(self) -> None:
        self.settled = 0
        self.time = 0

    def settle(self) -> None:
        self.settled += 1

    def chain_time(self) -> int:
        return self.time


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> FakeWriter:
    made = FakeWriter()
    monkeypatch.setattr(context, "open_writer", lambda *_: made)
    monkeypatch.setattr(context, "open_signer", lambda *_: object())
    return made


def settings(**environment: str) -> ChainSettings:
    return read_chain_settings(Flags(), ENVIRONMENT | environment, writes=True)


@pytest.mark.parametrize(("dry_run", "settled"), [(False, 1), (True, 0)])
def test_leftovers_are_settled_before_the_first_read(writer: FakeWriter, dry_run: bool, settled: int) -> None:
    made = WriteContext(settings(), RunOptions(dry_run=dry_run))
    assert made.connection is made.connection
    assert writer.settled == settled


def test_reading_settles_nothing(writer: FakeWriter) -> None:
    assert ReadContext(settings(), RunOptions()).connection.address == settings().registry
    assert writer.settled == 0


def test_now_is_the_later_of_two_clocks(writer: FakeWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_700_000_000.9)
    made = WriteContext(settings(), RunOptions())
    writer.time = 1_700_000_000 - HOUR
    assert made.now() == 1_700_000_000
    writer.time = 1_700_000_000 + HOUR
    assert made.now() == 1_700_000_000 + HOUR


def test_a_chain_without_a_registry() -> None:
    chain = read_chain_settings(Flags(chain=""), ENVIRONMENT, writes=True)
    assert not WriteContext(chain, RunOptions()).has_registry
    assert WriteContext(settings(), RunOptions()).has_registry


def test_a_project_by_any_spelling(bench: CommandBench) -> None:
    bench.claim("zope-interface")
    made = ReadContext(settings(), RunOptions())
    page, log = made.project("Zope.Interface")
    assert (page.name, log.name, len(log.blobs)) == ("zope-interface", "zope-interface", 1)
    with pytest.raises(InvalidName):
        made.project("no name")


def test_the_signer_is_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[ChainSettings] = []

    def open_signer(given: ChainSettings) -> object:
        opened.append(given)
        return object()

    monkeypatch.setattr(context, "open_signer", open_signer)
    made = WriteContext(settings(), RunOptions())
    assert made.signer is made.signer
    assert opened == [made.settings]
