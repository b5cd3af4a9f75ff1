"""`dipmp doctor --json` as a mapping from each check to its result."""

import json
from typing import Any

from tests.support.programs.cli import Shell

ACCOUNT = "0x9eA010156bB6bfF11956e236094F98eFfeB643fD"

OTHER = bytes.fromhex("0b" * 20)


def checks(shell: Shell, *arguments: str, code: int = 0) -> dict[str, dict[str, Any]]:
    ran = shell.dipmp("doctor", "--json", *arguments)
    assert ran.code == code, ran.out + ran.err
    document = json.loads(ran.out)
    assert document["ok"] is (code == 0)
    assert all(set(each) == {"check", "verdict", "text", "next"} for each in document["checks"])
    assert all(each["next"] for each in document["checks"] if each["verdict"] != "ok")
    return {each["check"].partition(" ")[0]: each for each in document["checks"]}
