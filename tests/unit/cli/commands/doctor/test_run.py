"""All checks in order: what is missing is reported, and the rest is checked."""

import json

from tests.support.programs.cli import Shell
from tests.support.programs.doctor import checks


def test_nothing_is_set(shell: Shell) -> None:
    shell.environment({})
    ran = shell.dipmp("doctor", "--json")
    texts = [each["text"] for each in json.loads(ran.out)["checks"] if each["verdict"] == "fail"]
    assert ran.code == 1
    assert [text.partition(" ")[0] for text in texts] == [
        "DIPMP_REGISTRY",
        "ETH_GATEWAY",
        "DIPMP_SIGNER",
        "DIPMP_PINNER",
    ]


def test_an_endpoint_that_is_not_there_does_not_hide_the_rest(shell: Shell) -> None:
    found = checks(shell, "--rpc", "http://127.0.0.1:1/secret-token", code=1)
    assert found["rpc"]["verdict"] == "fail"
    assert found["registry"]["verdict"] == "fail"
    assert (found["pinner"]["verdict"], found["gateway"]["verdict"]) == ("ok", "ok")
    assert "secret" not in json.dumps(found)


def test_a_key_that_cannot_be_opened(shell: Shell) -> None:
    found = checks(shell, "--signer", "env:NOT_THERE", code=1)
    assert found["key"]["verdict"] == "fail"
    assert "NOT_THERE" in found["key"]["text"]
