"""`dipmp bridge` itself, and what it tells tools and people."""

import shlex
import subprocess

import pytest

from dipmp_lib.publish.bridge.app import USER, new_token
from dipmp_lib.publish.bridge.tools import TOOLS, commands, environment, without_secrets
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


def test_the_lines_that_are_printed_set_what_each_tool_reads() -> None:
    token = "dipmp-a'b"
    first, *lines = commands("http://127.0.0.1:5470/legacy/", token)
    for tool, line in zip(TOOLS, lines, strict=True):
        told = line.replace(tool.command, "env")
        done = subprocess.run(["sh", "-c", f"{first}\n{told}"], capture_output=True, text=True, check=True)
        for name, value in tool.environment("http://127.0.0.1:5470/legacy/", token).items():
            assert f"{name}={value}\n" in done.stdout
        assert token not in line
        assert shlex.split(line)[-1] in tool.command


def test_every_tool_is_told_of_user_and_token() -> None:
    told = environment("http://127.0.0.1:1/legacy/", "secret")
    assert sum(value == "secret" for value in told.values()) == len(TOOLS)
    assert sum(value == USER for value in told.values()) == len(TOOLS) - 1  # uv has a variable for a token
    assert sum(value == "http://127.0.0.1:1/legacy/" for value in told.values()) == len(TOOLS)


def test_tokens_are_long_and_new_each_time() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 43


def test_a_tools_process_gets_no_secret() -> None:
    given = {
        "PATH": "/bin",
        "MY_KEY": "k",
        "MY_KEY_2": "kept",
        "DIPMP_PASSWORD": "p",
        "ETH_GATEWAY": "https://node/key",
        "PINATA_JWT": "j",
        "FILEBASE_SECRET": "f",
        "AWS_SECRET_ACCESS_KEY": "a",
    }
    assert without_secrets(given, {"MY_KEY"}) == {"PATH": "/bin", "MY_KEY_2": "kept"}
    assert "MY_KEY" in without_secrets(given, set())
