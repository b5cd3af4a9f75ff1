"""`dipmp bridge` itself."""

import pytest

from tests.support.programs.cli import Shell

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


def test_nobody_is_bridged_without_consent(shell: Shell) -> None:
    done = shell.dipmp("bridge")
    assert done.code == 1
    assert "there is no terminal to ask for consent on" in done.error


def test_a_dry_run_needs_a_tool(shell: Shell) -> None:
    done = shell.dipmp("bridge", "--dry-run")
    assert done.code == 1
    assert "--dry-run needs a tool to run" in done.error


def test_a_tool_that_is_not_there(shell: Shell) -> None:
    done = shell.dipmp("bridge", "--yes", "--", "no-such-tool", "--option")
    assert done.code == 1
    assert "no-such-tool cannot be run" in done.error


def test_a_tool_that_fails_fails_the_command(shell: Shell) -> None:
    done = shell.dipmp("bridge", "--yes", "--", "false")
    assert done.code == 1
    assert done.error == "nothing was published: false ended with 1"


def test_a_tool_that_uploads_nothing_is_no_mistake(shell: Shell) -> None:
    done = shell.dipmp("bridge", "--yes", "--", "true")
    assert done.code == 0
    assert "nothing to publish" in done.err
