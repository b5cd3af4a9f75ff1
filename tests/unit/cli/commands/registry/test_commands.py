"""`dipmp registry`, `dipmp project` and `dipmp log` from their arguments to what they print, over a node in memory."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from eth_account import Account

from dipmp_cli.commands import COMMANDS, Group
from dipmp_lib.ethereum.abi import DEPLOYER, factory_address
from dipmp_lib.ethereum.create2 import StockArgs, registry_address, registry_code
from dipmp_lib.model.names import checksum_address
from tests.support.fakes.node import REGISTRY, FakeNode
from tests.support.programs.cli import Ran, Shell
from tests.support.repository import ROOT

KEY = "4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d"
ME = Account.from_key(KEY).address
MINE = bytes.fromhex(ME[2:])
OTHER = checksum_address(bytes.fromhex("b2" * 20))
ENVIRONMENT = {
    "DIPMP_REGISTRY": checksum_address(REGISTRY),
    "ETH_GATEWAY": "http://rpc.invalid/secret-token",
    "DIPMP_SIGNER": "env:CI_KEY",
    "CI_KEY": KEY,
}
WRITING = [
    ("project", "claim", "demo"),
    ("project", "owner", "offer", "demo", OTHER),
    ("project", "owner", "accept", "demo"),
    ("project", "owner", "withdraw", "demo"),
    ("project", "publishers", "add", "demo", OTHER),
    ("project", "publishers", "revoke", "demo", OTHER),
    ("registry", "owner", "offer", OTHER),
    ("registry", "owner", "accept"),
    ("registry", "owner", "withdraw"),
    ("registry", "resign-guardian"),
]
READING = [
    ("registry", "show"),
    ("project", "show", "demo"),
    ("project", "publishers", "list", "demo"),
    ("log", "demo"),
    ("log",),
]


class Bench:
    """A node, and a shell in which commands that write have consent."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.node = FakeNode()
        self.node.time = int(time.time())

    def __call__(self, *arguments: object) -> Ran:
        return self.shell.dipmp(*arguments)

    def json(self, *arguments: object) -> dict[str, Any]:
        ran = self(*arguments, "--json")
        assert ran.code == 0, ran.err
        document: dict[str, Any] = json.loads(ran.out)
        return document

    def claim(self, name: str = "demo", owner: bytes = MINE) -> None:
        self.node.model.claim(owner, self.node.time, name, owner, b"")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Bench]:
    made = Bench(Shell(monkeypatch, capsys))
    made.shell.environment(ENVIRONMENT)
    monkeypatch.setattr("dipmp_cli.session.session.HttpRpc", lambda *_, **__: made.node)
    yield made
    assert "secret-token" not in str(made.node.calls)


def places(commands: Mapping[str, str | Group] = COMMANDS, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, place in commands.items():
        if isinstance(place, Group):
            yield from places(place.commands, (*before, name))
        yield (*before, name)


@pytest.mark.parametrize("place", list(places()), ids=" ".join)
def test_every_command_and_group_has_help(bench: Bench, place: tuple[str, ...]) -> None:
    ran = bench(*place, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert f"Usage: dipmp {' '.join(place)}" in ran.out
    last = COMMANDS
    for name in place:
        found = last[name]
        last = found.commands if isinstance(found, Group) else {}
    assert all(f"│ {name} " in ran.out for name in last)


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_reading_needs_no_signer(bench: Bench, arguments: tuple[str, ...]) -> None:
    bench.claim()
    settings = {name: value for name, value in ENVIRONMENT.items() if name not in {"DIPMP_SIGNER", "CI_KEY"}}
    bench.shell.environment(settings)
    for options in ((), ("--json",)):
        ran = bench(*arguments, *options)
        assert ran.code == 0, ran.err
    assert not bench.node.sent


@pytest.mark.parametrize("arguments", [*READING, *WRITING, ("registry", "create")], ids=" ".join)
def test_missing_settings_come_all_at_once(bench: Bench, arguments: tuple[str, ...]) -> None:
    bench.shell.environment({})
    ran = bench(*arguments)
    assert ran.code == 1
    assert "ETH_GATEWAY (or --rpc) is missing" in ran.err
    assert ("DIPMP_REGISTRY" in ran.err) == (arguments != ("registry", "create"))
    assert ("DIPMP_SIGNER" in ran.err) == (arguments not in READING)


@pytest.mark.parametrize("arguments", WRITING[:1], ids=" ".join)
def test_nothing_is_sent_without_consent(bench: Bench, arguments: tuple[str, ...]) -> None:
    ran = bench(*arguments)
    assert ran.error == "nothing was sent: there is no terminal to ask for consent on"
    assert not bench.node.sent


@pytest.mark.parametrize("agrees", [True, False])
def test_asking(bench: Bench, monkeypatch: pytest.MonkeyPatch, agrees: bool) -> None:
    monkeypatch.setattr("dipmp_cli.terminal.console.can_ask", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: agrees)
    ran = bench("project", "claim", "demo")
    assert (ran.code == 0, len(bench.node.sent)) == (agrees, int(agrees))


def test_a_plan_says_what_it_does_to_whom_and_for_how_much(bench: Bench) -> None:
    ran = bench("project", "claim", "Demo", "--owner", OTHER, "--dry-run")
    assert ran.code == 0
    assert ran.err.splitlines() == [
        f"plan: claim the name demo for {OTHER}",
        f"note: only {OTHER} can hand demo on; nobody can take it back",
        f"1 transaction to {checksum_address(REGISTRY)} on chain 1337, by {ME}: up to 180,000 gas and 0.00036018 ETH",
    ]
    assert (ran.out, bench.node.sent) == ("", [])


def test_the_json_of_a_command_that_writes(bench: Bench) -> None:
    document = bench.json("project", "claim", "demo", "--yes")
    [transaction] = document.pop("transactions")
    assert document == {
        "registry": checksum_address(REGISTRY),
        "project": "demo",
        "owner": ME,
        "chain_id": 1337,
        "sender": ME,
        "dry_run": False,
        "steps": [{"what": f"claim the name demo for {ME}", "function": "claim", "gas": 180_000}],
        "estimate": {"transactions": 1, "gas": 180_000, "cost_wei": str(180_000 * 2_001_000_000)},
    }
    assert transaction["hash"] in bench.node.receipts
    assert (transaction["function"], transaction["block"], transaction["gas_used"]) == ("claim", 1, 140_000)
    assert transaction["cost_wei"].isdecimal()
    [claim] = bench.node.model.entries("demo")
    assert claim[1] == 0x80


@pytest.mark.parametrize("arguments", WRITING, ids=" ".join)
def test_errors_of_the_contract_are_sentences(bench: Bench, arguments: tuple[str, ...]) -> None:
    """Somebody else owns everything, and nothing is offered."""
    bench.claim(owner=b"\x11" * 20)
    ran = bench(*arguments, "--yes")
    assert ran.code == 1
    assert ran.error.startswith("the registry refuses the transaction: ")
    assert "hint: " in ran.err
    assert not bench.node.sent


def test_publishers(bench: Bench) -> None:
    bench.claim()
    now = bench.node.time
    added = bench.json("project", "publishers", "add", "demo", OTHER, "--until", "2d", "--yes")
    assert (added["account"], added["until"] - now - 2 * 86_400) == (OTHER, pytest.approx(0, abs=5))
    ran = bench("project", "publishers", "list", "demo")
    assert ran.out.startswith(f"{OTHER} active until ")
    ran = bench("project", "publishers", "revoke", "demo", OTHER, "--compromised-since", "1h", "--yes")
    assert ran.code == 0, ran.err
    assert "it released 0 files, which are withdrawn for ever" in ran.err
    [listed] = bench.json("project", "publishers", "list", "demo")["publishers"]
    assert (listed["state"], listed["until"], listed["entry"]) == ("revoked", None, 2)
    assert now - listed["compromised_since"] == pytest.approx(3_600, abs=30)


def test_a_project_without_publishers(bench: Bench) -> None:
    bench.claim()
    ran = bench("project", "publishers", "list", "demo")
    assert (ran.out, ran.err) == ("", "demo has no publishers besides its owner\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("project", "publishers", "add", "demo", "me"), "'me' is not an address"),
        (("project", "publishers", "add", "demo", OTHER, "--until", "soon"), "'soon' is not a time"),
        (("project", "publishers", "add", "demo", ME), f"{ME} owns the project, and so may publish already"),
        (("project", "publishers", "add", "demo", OTHER, "--until", "2001-01-01"), "would end at 2001-01-01"),
        (
            ("project", "publishers", "revoke", "demo", OTHER, "--compromised-since", "31d"),
            "cannot be compromised since",
        ),
        (("project", "claim", "bad--"), "'bad--' is not a project name"),
        (("project", "claim", "demo"), f"the name 'demo' is taken: it belongs to {ME}"),
        (("project", "claim", "dem0"), "the name 'dem0' is easily mistaken for 'demo', which is taken"),
        (("project", "status", "nobody", "active"), "has no project 'nobody'"),
        (("project", "status", "demo", "archived", "--reason", "x" * 513), "the reason is longer than 512 bytes"),
        (("project", "yank", "demo", "1.0"), "demo lists no file of version 1.0"),
        (("project", "owner", "offer", "demo", "0x12"), "'0x12' is not an address"),
        (("registry", "create", "--salt", "x"), "--salt is 'x', not a number"),
        (("registry", "create", "--chain", "nowhere"), "'nowhere' is not the short name of a known chain"),
    ],
)
def test_bad_input_is_one_sentence(bench: Bench, arguments: tuple[str, ...], sentence: str) -> None:
    bench.claim()
    ran = bench(*arguments, "--yes", *(("--rpc", "http://x.invalid") if "--chain" in arguments else ()))
    assert ran.code == 1
    assert sentence in ran.error
    assert not bench.node.sent


def test_claims_of_a_curated_registry(bench: Bench) -> None:
    bench.node.model.mode = 1
    owner = checksum_address(bench.node.model.registry_owner)
    ran = bench("project", "claim", "demo", "--yes")
    assert ran.error == (
        "the registry refuses the transaction: "
        f"names in this registry are claimed by its owner {owner} alone, because it is curated"
    )


def test_status_is_set_once_and_keeps_bits_that_others_agreed_on(bench: Bench) -> None:
    bench.claim()
    bench.node.model.set_status(MINE, bench.node.time, "demo", 0x04, "")
    assert bench("project", "status", "demo", "deprecated", "--reason", "use demo2", "--yes").code == 0
    assert bench.node.model.entries("demo")[-1][33:] == b"\x06use demo2"
    ran = bench("project", "status", "demo", "deprecated", "--yes")
    assert (ran.code, ran.err) == (0, "nothing to do: it is so already\n")
    assert len(bench.node.sent) == 1
    assert bench.json("project", "status", "demo", "active", "--yes")["status"] == "active"
    assert bench.node.model.entries("demo")[-1][33:] == b"\x04"
    document = bench.json("project", "show", "demo")
    assert (document["status"], document["entries"], document["notes"]) == ("active", 4, 3)


def test_the_guardian(bench: Bench) -> None:
    bench.claim(owner=b"\x11" * 20)
    bench.node.model.guardian = MINE
    assert bench("project", "quarantine", "demo", "--reason", "malware", "--yes").code == 0
    assert bench("project", "quarantine", "demo", "--yes").err == "nothing to do: it is so already\n"
    document = bench.json("project", "show", "demo")
    assert (document["status"], document["status_reason"]) == ("quarantined", "malware")
    assert bench("project", "quarantine", "demo", "--lift", "--yes").code == 0
    assert bench.json("project", "show", "demo")["status"] == "active"
    ran = bench("registry", "resign-guardian", "--yes")
    assert "note: nobody can take the office again" in ran.err
    assert bench.json("registry", "show")["guardian"] is None
    assert bench.json("log")["entries"][-1]["what"] == f"the guardian {ME} resigned"


def test_handing_a_project_on(bench: Bench) -> None:
    bench.claim()
    assert bench("project", "owner", "offer", "demo", OTHER, "--yes").code == 0
    assert bench.json("project", "show", "demo")["offered_to"] == OTHER
    assert f"offered     to {OTHER}\n" in bench("project", "show", "demo").out
    assert bench("project", "owner", "withdraw", "demo", "--yes").code == 0
    assert bench.json("project", "show", "demo")["offered_to"] is None


def test_handing_a_registry_on(bench: Bench) -> None:
    bench.node.model.logs[bytes(32)].owner = MINE
    assert bench("registry", "owner", "offer", OTHER, "--yes").code == 0
    document = bench.json("registry", "show")
    assert (document["owner"], document["offered_to"], document["entries"]) == (ME, OTHER, 1)
    assert bench("registry", "owner", "withdraw", "--yes").code == 0
    assert bench.json("registry", "show")["offered_to"] is None


def test_a_registry_that_is_not_stock_is_told(bench: Bench) -> None:
    bench.claim()
    lines = bench("registry", "show").out.splitlines()
    assert lines[0] == f"registry  {checksum_address(REGISTRY)}: NOT STOCK, so what follows proves nothing"
    assert lines[1] == "why       its code is not that of dipmp's registries"
    assert "projects  1 in 1 entry" in lines
    document = bench.json("registry", "show")
    assert (document["stock"], document["mode"], document["projects"]) == (False, "open", 1)


def test_a_log_that_the_chain_lies_about_is_not_shown(bench: Bench) -> None:
    bench.claim()
    bench.node.model.logs[next(key for key in bench.node.model.logs if any(key))].head = bytes([1]) * 32
    ran = bench("log", "demo")
    assert (ran.code, ran.out) == (1, "")
    assert "the head does not recompute from the entries" in ran.error


def test_a_log_is_checked_against_the_chain(bench: Bench) -> None:
    bench.claim()
    document = bench.json("log", "demo")
    assert (document["project"], document["verified"], document["head"]) == ("demo", True, document["recomputed"])
    [entry] = document["entries"]
    assert (entry["kind_name"], entry["actor"], entry["number"], entry["nonce"]) == ("CLAIM", ME, 0, 1)
    assert "computed from 1 entry: as the chain has it\n" in bench("log", "demo").out


def test_an_empty_registry_has_an_empty_log(bench: Bench) -> None:
    document = bench.json("log")
    assert (document["project"], document["entries"], document["verified"]) == (None, [], True)


# ---- the documentation


def keys(document: Any) -> set[str]:  # noqa: ANN401 - JSON
    """Every key in a document."""
    if isinstance(document, dict):
        return set(document).union(*map(keys, document.values()))
    return set().union(*map(keys, document)) if isinstance(document, list) else set()


def test_every_command_and_every_json_key_is_documented(bench: Bench) -> None:
    text = (ROOT / "docs" / "registries.md").read_text("utf-8")
    documented = set(re.findall(r"`([a-z0-9_]+)`", text))
    bench.claim()
    bench.node.model.set_publisher(MINE, bench.node.time, "demo", bytes.fromhex(OTHER[2:]), bench.node.time + 99, 0)
    bench.node.model.append(MINE, bench.node.time, "demo", 0x3F, b"\x00")
    documents = [bench.json(*arguments) for arguments in READING]
    documents += [
        bench.json(*arguments, "--yes")
        for arguments in (
            ("project", "claim", "other", "--owner", OTHER),
            ("project", "owner", "offer", "demo", OTHER),
            ("project", "publishers", "add", "demo", OTHER),
            ("project", "publishers", "revoke", "demo", OTHER),
            ("project", "status", "demo", "archived"),
        )
    ]
    assert keys(documents) <= documented
    for place in places():
        if place[0] in {"registry", "project", "log"}:
            assert f"`dipmp {' '.join(place)}" in text or f"`{place[-1]}" in text, place


# ---- creating a registry: the node only has to know which code is where


@pytest.fixture
def created(bench: Bench) -> bytes:
    address = registry_address(StockArgs(owner=MINE))
    bench.node.answers["eth_call"] = "0x"
    bench.node.answers["eth_estimateGas"] = hex(70_000)
    bench.node.code[f"0x{DEPLOYER.hex()}"] = "0x00"
    return address


def test_a_chain_without_the_factory_takes_two_transactions(bench: Bench, created: bytes) -> None:
    document = bench.json("registry", "create", "--dry-run")
    assert [step["function"] for step in document["steps"]] == ["deploy", "create"]
    assert (document["registry"], document["owner"]) == (checksum_address(created), ME)
    assert (document["mode"], document["guardian"], document["transactions"]) == ("open", None, [])


def test_a_chain_with_the_factory_takes_one(bench: Bench, created: bytes) -> None:
    bench.node.code[f"0x{factory_address().hex()}"] = "0x00"
    ran = bench("registry", "create", "--curated", "--guardian", OTHER, "--salt", "7", "--owner", OTHER, "--dry-run")
    assert ran.code == 0, ran.err
    assert f"note: {OTHER} alone claims names in it, and nothing can change that" in ran.err
    assert f"note: {OTHER} may quarantine any project in it, until it resigns" in ran.err
    assert "1 transaction on chain 1337" in ran.err
    assert ran.out == ""


def test_a_registry_that_exists_is_not_made_again(bench: Bench, created: bytes) -> None:
    bench.node.code[f"0x{created.hex()}"] = f"0x{registry_code(StockArgs(owner=MINE)).hex()}"
    ran = bench("registry", "create", "--yes")
    assert (ran.code, ran.err) == (0, "nothing to do: it is so already\n")
    shown = checksum_address(created)
    assert ran.out == f"Registry: {shown}\nexport DIPMP_REGISTRY={shown}\n"


def test_a_chain_without_the_deployer_is_told(bench: Bench, created: bytes) -> None:
    bench.node.code.clear()
    ran = bench("registry", "create", "--yes")
    assert ran.error == "chain 1337 has no CREATE2 deployer at 0x4e59b44847b379578588920cA78FbF26c0B4956C"


@pytest.mark.parametrize(("chain_id", "name"), [(324, "ZKsync Era"), (728126428, "TRON")])
def test_chains_that_cannot_have_a_registry(bench: Bench, created: bytes, chain_id: int, name: str) -> None:
    bench.node.chain_id = chain_id
    ran = bench("registry", "create", "--yes")
    assert f"a registry does not work on {name}" in ran.error
    assert not bench.node.sent


def test_the_chain_of_a_new_registry_is_in_its_address(bench: Bench, created: bytes) -> None:
    bench.node.chain_id = 8453
    document = bench.json("registry", "create", "--chain", "base", "--rpc", "http://base.invalid", "--dry-run")
    assert document["registry"] == f"base:{checksum_address(created)}"
