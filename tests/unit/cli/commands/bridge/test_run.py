"""Running a tool behind the bridge, and what it does without one."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from dipmp_cli.commands.bridge.run import BridgeRun
from dipmp_cli.session.context import RunOptions
from dipmp_lib.publish.bridge.tools import commands
from tests.support.programs.cli import Shell

pytestmark = pytest.mark.slow

SETTINGS = {
    "DIPMP_REGISTRY": "0xb9d99e1235FDA780bef7198cE2bb4321BBe8Fea6",
    "ETH_GATEWAY": "http://127.0.0.1:1",
    "DIPMP_PINNER": "kubo:http://127.0.0.1:1",
    "DIPMP_SIGNER": "env:DIPMP_TEST_KEY",
    "DIPMP_TEST_KEY": "0x" + "01" * 32,
}


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    made = Shell(monkeypatch, capsys)
    made.environment(SETTINGS)
    return made


def test_a_tool_that_is_not_there(shell: Shell) -> None:
    done = shell.dipmp("bridge", "--yes", "--", "no-such-tool", "--option")
    assert done.code == 1
    assert "no-such-tool cannot be run" in done.error


def test_a_tool_that_fails_fails_the_command(shell: Shell) -> None:
    done = shell.dipmp("bridge", "--yes", "--", "false")
    assert done.code == 1
    assert done.error == "nothing was published: false exited with code 1"


def test_a_tool_that_uploads_nothing_is_no_mistake(shell: Shell) -> None:
    done = shell.dipmp("bridge", "--yes", "--", "true")
    assert done.code == 0
    assert "nothing to publish" in done.err


def test_nobody_is_bridged_without_consent(shell: Shell) -> None:
    done = shell.dipmp("bridge")
    assert done.code == 1
    assert "there is no terminal to ask for consent on" in done.error


def test_a_dry_run_needs_a_tool(shell: Shell) -> None:
    done = shell.dipmp("bridge", "--dry-run")
    assert done.code == 1
    assert "--dry-run needs a tool to run" in done.error


def test_the_welcome_is_one_line_of_json_or_lines_to_copy(capsys: pytest.CaptureFixture[str]) -> None:
    settings: Any = SimpleNamespace(chain=SimpleNamespace(registry="0xREGISTRY"))
    for as_json in (True, False):
        context: Any = SimpleNamespace(settings=settings, options=RunOptions(as_json=as_json))
        BridgeRun(context, 0, 0.0, 1, lenient=False)._welcome("http://127.0.0.1:5470", "secret")
    first, *lines = capsys.readouterr().out.splitlines()
    assert json.loads(first) == {
        "url": "http://127.0.0.1:5470/legacy/",
        "simple_url": "http://127.0.0.1:5470/simple/",
        "token": "secret",
    }
    assert lines == list(commands("http://127.0.0.1:5470/legacy/", "secret"))
