"""`--json`: one document on stdout, also where a command fails."""

import json
import re
from pathlib import Path

import pytest

from tests.support.programs.cli import Shell

ONE = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
KEYS = {"type", "message", "hint", "problems"}


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    made = Shell(monkeypatch, capsys)
    monkeypatch.chdir(tmp_path)
    made.environment({"ETH_GATEWAY": "http://127.0.0.1:1", "DIPMP_REGISTRY": ONE})
    return made


def test_several_mistakes(shell: Shell) -> None:
    ran = shell.publish("x.whl", "--json")
    error = json.loads(ran.out)["error"]
    assert (ran.code, set(error), error["type"], error["hint"]) == (1, KEYS, "InvalidSettings", None)
    assert len(error["problems"]) == 2
    assert "error: nothing was done, because of 2 problems:" in ran.err, "people read the same on stderr"


def test_a_mistake_with_a_next_step(shell: Shell) -> None:
    error = json.loads(shell.dipmp("project", "show", "demo", "--json", "--registry", "0x12").out)["error"]
    assert error["type"] == "InvalidAddress"
    assert error["message"].startswith("'0x12' is not a registry address")
    assert error["hint"].startswith("a registry address is 0x and 40")
    assert error["problems"] == []


def test_a_chain_that_cannot_be_asked(shell: Shell) -> None:
    error = json.loads(shell.dipmp("registry", "show", "--json").out)["error"]
    assert error["message"].startswith("the chain cannot be asked: ")
    assert error["hint"] == "check ETH_GATEWAY (or --rpc)"


def test_wrong_usage(shell: Shell) -> None:
    ran = shell.publish("--json", "--colour", "x.whl")
    assert (ran.code, json.loads(ran.out)["error"]["type"]) == (2, "WrongUsage")
    assert "--colour" in re.sub(r"\x1b\[[0-9;]*m", "", ran.err)


def test_without_json_stdout_stays_empty(shell: Shell) -> None:
    for arguments in (["x.whl"], ["x.whl", "--", "--json"], ["--colour"]):
        assert shell.publish(*arguments).out == ""


def test_ctrl_c(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dipmp_cli.settings.settings.read_chain_settings", stop)
    ran = shell.dipmp("project", "show", "demo", "--json")
    assert (ran.code, json.loads(ran.out)["error"]["type"]) == (130, "Interrupted")


@pytest.mark.parametrize("answer", [EOFError, KeyboardInterrupt])
def test_leaving_the_question_is_no(answer: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    from dipmp_cli.terminal.console import ask
    from dipmp_lib.errors import PublishError

    def leave(*_: object) -> str:
        raise answer

    monkeypatch.setattr("dipmp_cli.terminal.console.can_ask", lambda: True)
    monkeypatch.setattr("typer._click.termui.visible_prompt_func", leave)
    with pytest.raises(PublishError, match="you said no"):
        ask("Publish?", yes=False)


# ---- the program


def test_version_and_help(shell: Shell) -> None:
    ran = shell.dipmp("--version")
    assert ran.out.startswith("dipmp 0.")
    ran = shell.dipmp("--help")
    assert [name for name in ("publish", "dev", "serve") if name in ran.out] == ["publish", "dev", "serve"]
    assert "--registry" in shell.publish("--help").out
    assert shell.dipmp("unknown").code == 2
    assert shell.publish().code == 2


@pytest.mark.slow
def test_version_is_quick_because_nothing_is_loaded() -> None:
    import subprocess
    import sys

    heavy = ("web3", "eth_account", "fastapi", "requests", "rich.table", "eth")
    code = (
        "import sys; from dipmp_cli import main; sys.argv = ['dipmp', '--version']\n"
        "try: main.main()\n"
        f"finally: print(*[name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == [""]
