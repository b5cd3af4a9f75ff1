"""A community's registry from its creation on, by the commands that people type, against the contract itself."""

import itertools
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from dipmp_lib.devnet.node import DevNode
from dipmp_lib.transactions.signers import PasswordSource, signer_from_uri
from tests.support.files.wheels import build_sdist, build_wheel
from tests.support.programs.cli import Ran, Shell
from tests.support.waiting import HANGS

pytestmark = pytest.mark.evm

GUARDIAN = Account.from_key("0x" + "0a" * 32)
_salts = itertools.count(1)
HEIR = Account.from_key("0x" + "0b" * 32)


class Community:
    """A curated registry with a guardian, and everybody's keys."""

    def __init__(self, dev: DevNode, shell: Shell) -> None:
        self.dev, self.shell = dev, shell
        self.settings = {
            "ETH_GATEWAY": dev.rpc_url,
            "IPFS_GATEWAY": dev.gateway_url,
            "DIPMP_PINNER": dev.pinner,
            "DIPMP_SIGNER": dev.signer,
            "GUARDIAN": GUARDIAN.key.hex(),
            "HEIR": HEIR.key.hex(),
        }
        shell.environment(self.settings)

    def use(self, registry: str) -> None:
        self.settings["DIPMP_REGISTRY"] = registry
        self.shell.environment(self.settings)

    def run(self, *arguments: object, signer: str = "") -> dict[str, Any]:
        ran = self.refused(*arguments, signer=signer)
        assert ran.code == 0, ran.err
        document: dict[str, Any] = json.loads(ran.out)
        return document

    def refused(self, *arguments: object, signer: str = "") -> Ran:
        options = ["--signer", f"env:{signer}"] if signer else []
        writes = [] if arguments[0] == "log" or {"show", "list"} & set(arguments) else ["--yes"]
        return self.shell.dipmp(*arguments, "--json", *writes, *options)

    def fund(self, address: str) -> None:
        owner = signer_from_uri(self.dev.signer, passwords=PasswordSource(), environment={})
        evm = self.dev.evm
        fields = {"nonce": evm.state_at(evm.head).get_nonce(owner.address), "gas": 21_000, "value": 10**18}
        fields |= {"gasPrice": 3 * int(evm.next_header().base_fee_per_gas), "chainId": evm.chain_id}
        evm.send(owner.sign_transaction({**fields, "to": address, "data": b""}))

    def page(self, project: str) -> dict[str, Any]:
        index = self.dev.index_url.replace(self.dev.registry, self.settings["DIPMP_REGISTRY"])
        accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
        request = urllib.request.Request(f"{index}{project}/", headers=accept)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=HANGS) as answer:  # noqa: S310 - loopback
            return dict(json.load(answer))


@pytest.fixture(scope="module")
def dev() -> Iterator[DevNode]:
    with DevNode() as node:
        yield node


@pytest.fixture
def community(dev: DevNode, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Community:
    return Community(dev, Shell(monkeypatch, capsys))


@pytest.fixture
def curated(community: Community) -> dict[str, Any]:
    """A new curated registry, which the community uses from here on, and what was said of its creation."""
    guardian = ("--guardian", GUARDIAN.address)
    created = community.run("registry", "create", "--curated", *guardian, "--salt", str(next(_salts)))
    community.use(created["registry"])
    community.fund(GUARDIAN.address)
    community.fund(HEIR.address)
    return created


def test_a_new_registry_is_stock_and_costs_what_the_design_says(community: Community, curated: dict[str, Any]) -> None:
    [transaction] = curated["transactions"]
    assert transaction["gas_used"] <= 80_000
    assert transaction["gas_used"] <= curated["estimate"]["gas"]
    shown = community.run("registry", "show")
    assert (shown["stock"], shown["owner"], shown["guardian"]) == (True, curated["owner"], GUARDIAN.address)
    assert (shown["mode"], shown["projects"], shown["offered_to"]) == ("curated", 0, None)


def test_its_owner_alone_claims_for_whom_they_choose(community: Community, curated: dict[str, Any]) -> None:
    ran = community.refused("project", "claim", "demo", signer="HEIR")
    assert f"names in this registry are claimed by its owner {curated['owner']} alone" in ran.error
    community.run("project", "claim", "demo")
    community.run("project", "claim", "dem0", "--owner", HEIR.address)  # curators decide what looks alike
    assert community.run("project", "show", "dem0")["owner"] == HEIR.address
    assert community.run("registry", "show")["projects"] == 2


def test_a_yank_and_taking_it_back(community: Community, curated: dict[str, Any], tmp_path: Path) -> None:
    files = [build_wheel(tmp_path, "demo", "1.0"), build_sdist(tmp_path, "demo", "1.0")]
    assert community.shell.publish(*files, build_wheel(tmp_path, "demo", "1.1"), "--yes").code == 0
    yanked = community.run("project", "yank", "demo", "1.1", "--reason", "broken")
    assert (yanked["targets"], yanked["files"]) == ([2], ["demo-1.1-py3-none-any.whl"])
    states = {file["filename"]: file.get("yanked", False) for file in community.page("demo")["files"]}
    assert states == {files[0].name: False, files[1].name: False, "demo-1.1-py3-none-any.whl": "broken"}
    assert community.run("project", "yank", "demo", "1.1", "--reason", "broken")["steps"] == []
    assert community.run("project", "show", "demo")["versions"] == [
        {"version": "1.0", "files": 2, "yanked": 0},
        {"version": "1.1", "files": 1, "yanked": 1},
    ]
    community.run("project", "unyank", "demo", "demo-1.1-py3-none-any.whl")
    assert not any(file.get("yanked") for file in community.page("demo")["files"])


def test_the_guardian_quarantines_and_nothing_else(
    community: Community, curated: dict[str, Any], tmp_path: Path
) -> None:
    assert community.shell.publish(build_wheel(tmp_path, "demo", "1.0"), "--yes").code == 0
    community.run("project", "quarantine", "demo", "--reason", "malware", signer="GUARDIAN")
    assert community.page("demo")["files"] == []
    ran = community.shell.publish(build_wheel(tmp_path, "demo", "1.2"), "--yes")
    assert ran.error == "demo is quarantined (malware), so nothing can be published to it"
    ran = community.refused("project", "status", "demo", "archived", signer="GUARDIAN")
    assert "does not own the project" in ran.error
    assert "is not the registry's guardian" in community.refused("project", "quarantine", "demo", "--lift").error
    community.run("project", "quarantine", "demo", "--lift", signer="GUARDIAN")
    assert len(community.page("demo")["files"]) == 1
    community.run("registry", "resign-guardian", signer="GUARDIAN")
    assert community.run("registry", "show")["guardian"] is None
    assert "has no guardian" in community.refused("project", "quarantine", "demo", signer="GUARDIAN").error


def test_project_and_registry_change_hands_and_the_log_tells(community: Community, curated: dict[str, Any]) -> None:
    community.run("project", "claim", "demo")
    community.run("project", "owner", "offer", "demo", HEIR.address)
    assert "it is offered to" in community.refused("project", "owner", "accept", "demo").error
    community.run("project", "owner", "accept", "demo", signer="HEIR")
    assert community.run("project", "show", "demo")["owner"] == HEIR.address
    community.run("registry", "owner", "offer", HEIR.address)
    community.run("registry", "owner", "accept", signer="HEIR")
    shown = community.run("registry", "show")
    assert (shown["stock"], shown["owner"], shown["offered_to"]) == (True, HEIR.address, None)

    log = community.run("log", "demo")
    assert [entry["kind_name"] for entry in log["entries"]] == ["CLAIM", "OWNER", "OWNER"]
    assert log["verified"] is True
    log = community.run("log")
    assert [entry["kind_name"] for entry in log["entries"]] == ["CLAIM", "OWNER", "OWNER"]
    assert log["verified"] is True
    state = community.dev.evm.state_at(community.dev.evm.head)
    assert [state.get_code(bytes.fromhex(entry["blob"][2:]))[1] for entry in log["entries"]] == [0x80, 0x81, 0x81]


def test_a_compromised_publisher_is_revoked_and_its_files_go(community: Community, tmp_path: Path) -> None:
    community.use(community.dev.registry)
    community.fund(HEIR.address)
    community.run("project", "claim", "robbed")
    community.run("project", "publishers", "add", "robbed", HEIR.address, "--until", "2w")
    done = community.shell.publish(build_wheel(tmp_path, "robbed", "6.6"), "--yes", "--signer", "env:HEIR")
    assert done.code == 0, done.err
    ran = community.shell.dipmp(
        *("project", "publishers", "revoke", "robbed", HEIR.address, "--compromised-since", "1h", "--yes")
    )
    assert ran.code == 0, ran.err
    assert "released 1 file, which are withdrawn for ever: robbed-6.6-py3-none-any.whl" in ran.err
    assert community.page("robbed")["files"] == []
    [listed] = community.run("project", "publishers", "list", "robbed")["publishers"]
    assert listed["state"] == "revoked"
    release = community.run("log", "robbed")["entries"][2]
    assert [note["code"] for note in release["notes"]] == ["withdrawn"]


def test_the_same_arguments_again_are_nothing_to_do(community: Community) -> None:
    first = community.run("registry", "create", "--salt", "42")
    again = community.run("registry", "create", "--salt", "42")
    assert (again["registry"], again["steps"]) == (first["registry"], [])
    other = community.run("registry", "create", "--salt", "43", "--dry-run")
    assert other["registry"] != first["registry"]
