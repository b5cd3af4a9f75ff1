"""What a publish prints: the plan, what becomes public for ever, the result, the JSON document."""

import json
from pathlib import Path

import pytest

from dipmp_cli.commands.publish.report import FOR_EVER
from tests.support.files.wheels import build_sdist, build_wheel
from tests.support.systems.commands import (
    ADDRESS_OF_REGISTRY,
    INDEX,
    KEY,
    ME,
    PUBLISH_ENVIRONMENT,
    PublishBench,
)

pytestmark = pytest.mark.slow


def test_the_command_that_is_printed_can_be_satisfied(bench: PublishBench, tmp_path: Path) -> None:
    ran = bench.shell.publish(*(build_wheel(tmp_path, version=version) for version in ("1.9", "1.10")), "--yes")
    assert ran.out.endswith(f"Install: pip install --index-url {INDEX} demo==1.10\n")


def test_the_whole_way(bench: PublishBench, tmp_path: Path) -> None:
    wheel, sdist = build_wheel(tmp_path), build_sdist(tmp_path)
    ran = bench.shell.publish(wheel, sdist, "--yes")
    assert ran.code == 0, ran.err
    assert ran.out == f"Index: {INDEX}\nInstall: pip install --index-url {INDEX} demo==1.0\n"
    assert "note: demo is a free name and will belong to you" in ran.err
    assert f"1 transaction to {ADDRESS_OF_REGISTRY} on chain 1337, by {ME}: up to 180,000 gas" in ran.err
    assert len(bench.node.sent) == 1
    assert len(bench.pinner.roots) == 3
    assert KEY not in ran.out + ran.err
    assert "secret-token" not in ran.out + ran.err


def test_json_is_the_only_thing_on_stdout(bench: PublishBench, tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path)
    ran = bench.shell.publish(wheel, "--yes", "--json")
    document = json.loads(ran.out)
    [file], [transaction] = document["files"], document["transactions"]
    assert document["registry"] == ADDRESS_OF_REGISTRY
    assert (document["chain_id"], document["publisher"], document["claims"]) == (1337, ME, ["demo"])
    assert (file["filename"], file["action"], file["size"]) == (wheel.name, "publish", wheel.stat().st_size)
    assert (transaction["project"], transaction["claimed"], transaction["gas_used"]) == ("demo", True, 140_000)
    assert transaction["hash"] in bench.node.receipts
    assert document["install"] == f"pip install --index-url {INDEX} demo==1.0"


@pytest.mark.parametrize("option", ["--yes", "--dry-run"])
def test_the_plan_says_what_becomes_public_for_ever(bench: PublishBench, tmp_path: Path, option: str) -> None:
    wheel = build_wheel(tmp_path)
    ran = bench.shell.publish(wheel, option, "--json")
    lines = ran.err.splitlines()
    cost = next(number for number, line in enumerate(lines) if line.startswith("1 transaction to "))
    assert lines[cost + 1 : cost + 3] == list(FOR_EVER)
    assert max(map(len, FOR_EVER)) < 80
    assert "for ever" not in ran.out, "the JSON has facts alone"
    again = bench.shell.publish(wheel, option)
    assert ("for ever" in again.err) == (option == "--dry-run"), "nothing is said where nothing is to be written"


def test_verbose_shows_digests(bench: PublishBench, tmp_path: Path) -> None:
    ran = bench.shell.publish(build_wheel(tmp_path), "--dry-run", "--verbose")
    assert "demo-1.0-py3-none-any.whl: sha256 " in ran.err
    assert ", CID bafkrei" in ran.err


def test_without_an_index_url_the_command_has_a_blank(bench: PublishBench, tmp_path: Path) -> None:
    bench.shell.environment({name: value for name, value in PUBLISH_ENVIRONMENT.items() if name != "DIPMP_INDEX_URL"})
    ran = bench.shell.publish(build_wheel(tmp_path, version="1!1.0"), "--yes")
    assert ran.out == f"Install: pip install --index-url https://SERVER/simple/{ADDRESS_OF_REGISTRY}/ 'demo==1!1.0'\n"


def test_the_hosts_url_is_good_enough(bench: PublishBench, tmp_path: Path) -> None:
    bench.shell.environment({**PUBLISH_ENVIRONMENT, "DIPMP_INDEX_URL": "", "HOST_URL": "https://example.com/"})
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes")
    assert f"Index: https://example.com/simple/{ADDRESS_OF_REGISTRY}/\n" in ran.out


def test_warnings_are_notes_and_in_the_json(bench: PublishBench, tmp_path: Path) -> None:
    path = build_wheel(tmp_path, version="1.0+local")
    refused = bench.shell.publish(path, "--yes")
    assert "has the local version '1.0+local'" in refused.error
    assert "hint: build it again with today's tools; --lenient publishes such files as they are" in refused.err
    ran = bench.shell.publish(path, "--dry-run", "--json", "--lenient")
    warning = "has the local version '1.0+local', which is for builds that are not published"
    assert f"note: {path.name} {warning}" in ran.err
    document = json.loads(ran.out)
    assert document["files"][0]["warnings"] == [warning]
    assert document["remarks"][-1] == f"{path.name} {warning}"
    assert bench.nothing_was_sent()
