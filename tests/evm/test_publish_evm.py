"""The whole publish against the embedded chain, block store and index server, through their real HTTP doors."""

import json
import socket
import urllib.request
from collections.abc import Iterator
from hashlib import sha256, shake_256
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from eth_account import Account

from dipmp_lib.devnet.node import DevNode
from dipmp_lib.model.names import checksum_address
from dipmp_lib.transactions.signers import PasswordSource, Signer, signer_from_uri
from tests.support.files.wheels import build_sdist, build_wheel, metadata_text
from tests.support.programs.cli import Ran, Shell
from tests.support.programs.dipmp import publish_settings
from tests.support.waiting import HANGS

pytestmark = pytest.mark.evm

DAY = 86_400
SOMEBODY = Account.from_key("0x" + "07" * 32)


@pytest.fixture(scope="module")
def dev() -> Iterator[DevNode]:
    with DevNode() as node:
        yield node


@pytest.fixture
def shell(dev: DevNode, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    made = Shell(monkeypatch, capsys)
    made.environment(publish_settings(dev))
    return made


def page(dev: DevNode, project: str) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{dev.index_url}{project}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}
    )
    with urllib.request.urlopen(request, timeout=HANGS) as answer:  # noqa: S310 - loopback
        return dict(json.load(answer))


def height(dev: DevNode) -> int:
    return int(dev.evm.head.block_number)


def owner_of(dev: DevNode) -> Signer:
    return signer_from_uri(dev.signer, passwords=PasswordSource(), environment={})


def fund(dev: DevNode, address: str) -> None:
    owner = owner_of(dev)
    fields = {"nonce": dev.evm.state_at(dev.evm.head).get_nonce(owner.address), "gas": 21_000, "value": 10**18}
    fields |= {"gasPrice": 3 * int(dev.evm.next_header().base_fee_per_gas), "chainId": dev.evm.chain_id}
    dev.evm.send(owner.sign_transaction({**fields, "to": address, "data": b""}))


def test_a_release_goes_up_and_is_listed_as_it_is(dev: DevNode, shell: Shell, tmp_path: Path) -> None:
    noise = shake_256(b"noise").digest(3 << 20)
    paths = [
        build_wheel(tmp_path, "zope.interface", "1!2.0.post1", payload=noise),
        build_wheel(tmp_path, "zope.interface", "1!2.0.post1", build="1", tag="cp312-cp312-manylinux_2_28_x86_64"),
        build_sdist(tmp_path, "zope.interface", "1!2.0.post1"),
    ]
    before = height(dev)
    ran = shell.publish(*paths, "--yes", "--json")
    assert ran.code == 0, ran.err
    [transaction] = json.loads(ran.out)["transactions"]
    assert (height(dev) - before, transaction["claimed"]) == (1, True)
    files = {file["filename"]: file for file in page(dev, "zope-interface")["files"]}
    for path in paths:
        listed, content = files.pop(path.name), path.read_bytes()
        assert listed["hashes"] == {"sha256": sha256(content).hexdigest()}
        assert (listed["size"], listed["requires-python"]) == (len(content), ">=3.8")
        url = urljoin(f"{dev.index_url}zope-interface/", listed["url"])
        with urllib.request.urlopen(url, timeout=HANGS) as answer:  # noqa: S310 - loopback
            assert answer.read() == content
    assert files == {}

    again = shell.publish(*paths, "--json")
    assert (again.code, json.loads(again.out)["transactions"], height(dev)) == (0, [], before + 1)


def test_a_second_release_costs_what_the_design_says(dev: DevNode, shell: Shell, tmp_path: Path) -> None:
    assert shell.publish(build_wheel(tmp_path, "gas", "1.0"), "--yes").code == 0
    ran = shell.publish(build_wheel(tmp_path, "gas", "1.1"), "--yes", "--json")
    document = json.loads(ran.out)
    [transaction] = document["transactions"]
    assert 90_000 < transaction["gas_used"] < 120_000
    assert transaction["gas_used"] <= document["estimate"]["gas"]
    assert int(transaction["cost_wei"]) <= int(document["estimate"]["cost_wei"])


def test_many_files_take_several_entries_and_an_estimate_that_holds(dev: DevNode, shell: Shell, tmp_path: Path) -> None:
    paths = [
        build_wheel(tmp_path, "many", requires_python=f">=3.{minor}", tag=f"cp3{minor}-cp3{minor}-{system}")
        for minor in (11, 12)
        for system in ("manylinux_2_28_x86_64", "manylinux_2_28_aarch64", "macosx_11_0_arm64", "win_amd64")
    ]
    ran = shell.publish(*paths, "--yes", "--json")
    document = json.loads(ran.out)
    assert [len(each["files"]) for each in document["transactions"]] == [4, 4]
    assert "many 1.0 takes 2 transactions: its files differ in Requires-Python" in ran.err
    used = sum(each["gas_used"] for each in document["transactions"])
    assert used <= document["estimate"]["gas"] <= 2 * used
    requirements = {file["filename"]: file["requires-python"] for file in page(dev, "many")["files"]}
    assert {name[12:14] + text for name, text in requirements.items()} == {"11>=3.11", "12>=3.12"}


def test_owner_and_publisher(dev: DevNode, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else is refused, may publish while they are a publisher, and is refused again after that."""
    assert shell.publish(build_wheel(tmp_path, "shared", "1.0"), "--yes").code == 0
    fund(dev, SOMEBODY.address)
    monkeypatch.setenv("SOMEBODY", SOMEBODY.key.hex())

    def publish(version: str) -> Ran:
        return shell.publish(build_wheel(tmp_path, "shared", version), "--yes", "--signer", "env:SOMEBODY")

    before = height(dev)
    ran = publish("1.1")
    assert ran.error.endswith(f"{SOMEBODY.address} may not publish to it")
    assert "dipmp project publishers add" in ran.err
    assert height(dev) == before

    ran = shell.dipmp("project", "publishers", "add", "shared", SOMEBODY.address, "--until", "1d", "--yes")
    assert ran.code == 0, ran.err
    ran = publish("1.1")
    assert ran.code == 0, ran.err
    publishers = {file["_dipmp"]["publisher"] for file in page(dev, "shared")["files"]}
    assert publishers == {SOMEBODY.address, checksum_address(owner_of(dev).address)}

    dev.evm.increase_time(2 * DAY)
    dev.evm.mine()
    assert "its permission ended on " in publish("1.2").error


def test_closed_projects_and_names_that_look_alike_send_nothing(dev: DevNode, shell: Shell, tmp_path: Path) -> None:
    assert shell.publish(build_wheel(tmp_path, "closed-soon", "1.0"), "--yes").code == 0
    ran = shell.dipmp("project", "status", "closed-soon", "archived", "--reason", "see other", "--yes")
    assert ran.code == 0, ran.err
    before = height(dev)
    ran = shell.publish(build_wheel(tmp_path, "closed-soon", "1.1"), "--yes")
    assert ran.error == "closed-soon is archived (see other), so nothing can be published to it"
    assert "hint: its owner opens it with: dipmp project status closed-soon active" in ran.err
    ran = shell.publish(build_wheel(tmp_path, "c1osed-s0on"), "--yes")
    assert ran.error == (
        "the registry refuses the transaction: "
        "the name 'c1osed-s0on' is easily mistaken for 'closed-soon', which is taken"
    )
    assert height(dev) == before
    assert "Pinning" not in ran.err


def test_a_late_file_and_other_bytes_are_refused(dev: DevNode, shell: Shell, tmp_path: Path) -> None:
    assert shell.publish(build_wheel(tmp_path, "late"), "--yes").code == 0
    before = height(dev)
    ran = shell.publish(build_wheel(tmp_path, "late", payload=b"other"), "--yes")
    assert "late-1.0-py3-none-any.whl is already published with other bytes" in ran.error
    dev.evm.increase_time(15 * DAY)
    dev.evm.mine()
    ran = shell.publish(build_sdist(tmp_path, "late"), "--yes")
    assert "late-1.0.tar.gz: comes too late: version 1.0 of late sealed on " in ran.error
    assert height(dev) == before + 1


def test_bad_input_is_one_sentence_and_nothing_is_sent(dev: DevNode, shell: Shell, tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path, "bad")
    broken = build_wheel(tmp_path / "broken", "bad")
    broken.write_bytes(broken.read_bytes()[:300])
    misnamed = build_wheel(tmp_path / "misnamed", "bad", metadata=metadata_text("bad", "2.0"))
    text = tmp_path / "readme.txt"
    text.touch()
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}"
        cases = [
            ((text,), "readme.txt: is not the name of a wheel or sdist"),
            ((broken,), "is not a complete zip archive"),
            ((misnamed,), "is named for version 1.0, but its metadata says '2.0'"),
            ((wheel, "--chain-id", "1"), "serves chain 1337, not 1"),
            ((wheel, "--rpc", dead), dead),
            ((wheel, "--registry", "0x" + "12" * 20), f"there is no contract at 0x{'12' * 20} on chain 1337"),
            ((wheel, "--registry", dev.registry.swapcase().replace("0X", "0x")), "(EIP-55)"),
            ((wheel, "--pinner", f"kubo:{dead}"), dead),
        ]
        before = height(dev)
        for arguments, sentence in cases:
            ran = shell.publish(*arguments, "--yes")
            assert ran.code == 1
            assert sentence in ran.error
            assert "Traceback" not in ran.err
        assert height(dev) == before


def test_a_key_without_funds(dev: DevNode, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    poor = Account.from_key("0x" + "09" * 32)
    monkeypatch.setenv("POOR", poor.key.hex())
    ran = shell.publish(build_wheel(tmp_path, "poor"), "--yes", "--signer", "env:POOR")
    assert ran.error.startswith(f"{poor.address} holds 0 ETH, and this can cost up to 0.00")
    assert poor.key.hex().removeprefix("0x") not in ran.out + ran.err
