"""`dipmp completion`: in a real bash where there is one; the other scripts by what they would run."""

import os
import shutil
import subprocess

import pytest

from dipmp_cli.commands.completion import PROGRAMS
from tests.support.programs.cli import Shell
from tests.support.programs.dipmp import SCRIPTS
from tests.support.waiting import HANGS

pytestmark = pytest.mark.slow

BASH = shutil.which("bash")


@pytest.mark.skipif(BASH is None and os.environ.get("CI") != "true", reason="there is no bash")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("dipmp pub", {"publish"}),
        ("dipmp do", {"doctor"}),
        ("dipmp config ch", {"check"}),
        ("dipmp project publishers ", {"list", "add", "revoke"}),
        ("dipmp registry show --reg", {"--registry"}),
        ("dipmp-publish --dry", {"--dry-run"}),
        ("dipmp nothing-like-it", set()),
    ],
)
def test_bash(words: str, expected: set[str]) -> None:
    program, *_ = words.split()
    script = f"""
        source <(dipmp completion bash)
        read -ra COMP_WORDS <<< "{words}"
        [[ "{words}" == *" " ]] && COMP_WORDS+=("")
        COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
        function=$(complete -p {program} | sed -E 's/.*-F ([^ ]+) .*/\\1/')
        $function {program}
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    env = {"PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}", "HOME": os.devnull}
    done = subprocess.run(
        [str(BASH), "--norc", "-c", script], env=env, capture_output=True, text=True, check=True, timeout=HANGS
    )
    assert done.stderr == ""
    assert set(done.stdout.split()) == expected


@pytest.mark.parametrize("shell_name", ["zsh", "fish", "bash"])
def test_each_script_asks_both_programs(
    shell_name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = Shell(monkeypatch, capsys).dipmp("completion", shell_name)
    assert ran.code == 0
    for program in PROGRAMS:
        variable = f"_{program.replace('-', '_').upper()}_COMPLETE"
        assert f"{variable}=complete_{shell_name}" in ran.out


def test_another_shell_is_wrong_usage(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert Shell(monkeypatch, capsys).dipmp("completion", "tcsh").code == 2
