"""`dipmp doctor`: each line, its verdict and next step, the exit code, and what it must not do."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dipmp_cli.commands.doctor import endpoints
from dipmp_lib.ethereum.abi import factory_address
from dipmp_lib.ethereum.create2 import StockArgs, registry_address, registry_code
from dipmp_lib.http import Answer, Fetcher
from dipmp_lib.model.names import checksum_address
from tests.support.fakes.node import REGISTRY
from tests.support.programs.cli import Shell
from tests.support.systems.node_and_blocks import KEY, ServedWorld, served_world

ACCOUNT = "0x9eA010156bB6bfF11956e236094F98eFfeB643fD"
OTHER = bytes.fromhex("0b" * 20)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ServedWorld]:
    with served_world(tmp_path) as made:
        made.node.answers["eth_getCode"] = f"0x{registry_code(ARGS).hex()}"
        made.env["DIPMP_REGISTRY"] = checksum_address(registry_address(ARGS))
        yield made


ARGS = StockArgs(owner=OTHER, salt=factory_address().rjust(32, b"\0"))


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], world: ServedWorld, tmp_path: Path
) -> Shell:
    made = Shell(monkeypatch, capsys)
    made.environment(world.env)
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    return made


def checks(shell: Shell, *arguments: str, code: int = 0) -> dict[str, dict[str, Any]]:
    ran = shell.dipmp("doctor", "--json", *arguments)
    assert ran.code == code, ran.out + ran.err
    document = json.loads(ran.out)
    assert document["ok"] is (code == 0)
    assert all(set(each) == {"check", "verdict", "text", "next"} for each in document["checks"])
    assert all(each["next"] for each in document["checks"] if each["verdict"] != "ok")
    return {each["check"].partition(" ")[0]: each for each in document["checks"]}


def test_all_is_well(shell: Shell, world: ServedWorld) -> None:
    found = checks(shell)
    assert set(found) == {"rpc", "finality", "registry", "balance", "pinner", "gateway"}
    assert {each["verdict"] for each in found.values()} == {"ok"}
    assert "chain 1337" in found["rpc"]["text"]
    assert found["registry"]["text"].endswith("is stock, open: anybody claims names")
    assert found["balance"]["text"].startswith(f"{ACCOUNT} holds 1 ETH")
    assert not world.node.sent, "it sends no transaction"


def test_the_same_for_people(shell: Shell, world: ServedWorld) -> None:
    world.node.balance = 0
    ran = shell.dipmp("doctor")
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert any(line.startswith("ok    rpc http://127.0.0.1") for line in lines)
    failed = next(number for number, line in enumerate(lines) if line.startswith("fail  balance: "))
    assert lines[failed + 1] == "      next: send it some of the currency of chain 1337"
    assert "\x1b" not in ran.out
    assert KEY not in ran.out + ran.err


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


def test_the_wrong_chain(shell: Shell) -> None:
    assert checks(shell, "--chain-id", "8453", code=1)["rpc"]["text"] == "serves chain 1337, not 8453"


def test_a_chain_that_stands_still_and_has_no_finality(shell: Shell, world: ServedWorld) -> None:
    def block(params: list[Any]) -> object:
        return None if params[0] == "finalized" else {"number": "0x10", "timestamp": hex(int(time.time()) - 5000)}

    world.node.answers["eth_getBlockByNumber"] = block
    found = checks(shell)
    assert (found["rpc"]["verdict"], found["finality"]["verdict"]) == ("warn", "warn")
    assert "it may lag" in found["rpc"]["text"]


def test_a_registry_that_is_not_stock(shell: Shell, world: ServedWorld) -> None:
    found = checks(shell, "--registry", checksum_address(REGISTRY))
    assert found["registry"]["verdict"] == "warn"
    assert "its past may be forged" in found["registry"]["text"]
    world.node.answers["eth_getCode"] = "0x"
    assert "there is no contract" in checks(shell, code=1)["registry"]["text"]


@pytest.mark.parametrize(("wei", "verdict"), [(0, "fail"), (10**15, "warn"), (10**18, "ok")])
def test_balance(shell: Shell, world: ServedWorld, wei: int, verdict: str) -> None:
    world.node.balance = wei
    assert checks(shell, code=int(verdict == "fail"))["balance"]["verdict"] == verdict


def test_a_key_that_cannot_be_opened(shell: Shell) -> None:
    found = checks(shell, "--signer", "env:NOT_THERE", code=1)
    assert found["key"]["verdict"] == "fail"
    assert "NOT_THERE" in found["key"]["text"]


def test_roles(shell: Shell, world: ServedWorld, tmp_path: Path) -> None:
    me, now = bytes.fromhex(ACCOUNT[2:]), world.node.time
    model = world.node.model
    model.claim(me, now, "mine", me, b"")
    model.claim(OTHER, now, "theirs", OTHER, b"")
    model.claim(OTHER, now, "shared", OTHER, b"")
    model.set_publisher(OTHER, now, "shared", me, now + 86_400, 0)
    at = ["--registry", checksum_address(REGISTRY)]
    for name, code, part in (
        ("mine", 0, "the key owns the project"),
        ("free", 0, "the first release claims it"),
        ("shared", 0, "the key may publish until "),
        ("theirs", 1, "the project belongs to 0x0B0b"),
        ("a b", 1, "is not a project name"),
    ):
        assert part in checks(shell, *at, name, code=code)["role"]["text"], name
    (tmp_path / "empty" / "pyproject.toml").write_text('[project]\nname = "Mine"\n')
    assert "the key owns the project" in checks(shell, *at)["role"]["text"], "the project around is looked up"


def test_a_curated_registry(shell: Shell, world: ServedWorld) -> None:
    world.node.model.mode = 1
    at = ["--registry", checksum_address(REGISTRY)]
    assert "only the registry's owner claims names" in checks(shell, *at, "free", code=1)["role"]["text"]


def test_pinners_and_gateways_that_fail(shell: Shell) -> None:
    found = checks(shell, "--pinner", "kubo:http://127.0.0.1:1", "--gateway", "http://127.0.0.1:1/ipfs", code=1)
    assert found["pinner"]["verdict"] == "fail"
    assert found["gateway"]["next"].startswith("nothing was pinned")
    found = checks(shell, "--gateway", "http://127.0.0.1:1/ipfs")
    assert (found["gateway"]["verdict"], found["pinner"]["verdict"]) == ("warn", "ok")


def test_no_gateway(shell: Shell, world: ServedWorld) -> None:
    shell.environment({name: value for name, value in world.env.items() if name != "IPFS_GATEWAY"})
    assert checks(shell)["gateways"]["verdict"] == "warn"


@pytest.mark.parametrize(("skew", "verdict"), [(0, "ok"), (-3600, "warn"), (3600, "warn")])
def test_the_clock(skew: int, verdict: str) -> None:
    class Dated(Fetcher):
        def fetch(self, *_: object, **__: object) -> Answer:
            from email.utils import formatdate

            return Answer(200, {"date": formatdate(time.time() - skew, usegmt=True)}, b"{}")

    [finding] = endpoints._clock(["http://x.example"], Dated())
    assert finding.verdict == verdict
    assert ("behind" if skew < 0 else "ahead of") in finding.text or not skew


def test_an_answer_without_a_date_says_nothing() -> None:
    class Undated(Fetcher):
        def fetch(self, *_: object, **__: object) -> Answer:
            return Answer(200, {"date": "soon"}, b"{}")

    assert list(endpoints._clock(["http://x.example"], Undated())) == []
