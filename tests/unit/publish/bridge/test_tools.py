"""Upload tools: each is told of the bridge by the variables that it reads, and of no secret."""

import shlex
import subprocess

from dipmp_lib.publish.bridge.app import USER
from dipmp_lib.publish.bridge.tools import TOOLS, commands, environment, without_secrets


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
