"""`dipmp sync` as an operator runs it: settings from the environment, a chain over HTTP, DynamoDB and S3 by moto."""

import json
from collections.abc import Iterator

import pytest

from tests.support.fakes.aws import BUCKET, TABLE, fake_aws, items
from tests.support.fakes.rpc_server import json_rpc
from tests.support.faulty.fault_proxy import FaultProxy
from tests.support.programs.cli import Shell
from tests.support.systems.rpc_endpoints import PROJECTS, make_sim

pytestmark = pytest.mark.slow


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    with fake_aws():
        yield Shell(monkeypatch, capsys)


def environment(rpc: str, gateway: str, registry: str, chain_id: int) -> dict[str, str]:
    return {
        "ETH_GATEWAY": rpc,
        "IPFS_GATEWAY": gateway,
        "DIPMP_CHAIN_ID": str(chain_id),
        "DIPMP_PINNED": registry,
        "DIPMP_TABLE": TABLE,
        "DIPMP_BUCKET": BUCKET,
    }


def test_logs_reach_the_table_and_the_summary_says_so(shell: Shell) -> None:
    sim = make_sim()
    registry = f"0x{next(iter(sim.registries)).hex()}"
    with FaultProxy(json_rpc(sim)) as node, FaultProxy(lambda _: (404, b"")) as gateway:
        shell.environment(environment(node.url, gateway.url, registry, sim.chain_id))
        ran = shell.dipmp("sync")
        summary = json.loads(ran.out)
        assert (summary["registries"], summary["left"], summary["unconfirmed"]) == (1, 0, 0)
        assert summary["read"] == 1 + len(PROJECTS), "the registry's own log and each project's"
        assert len(items()) >= summary["read"]
        assert (summary["problems"], ran.code) == ({}, 0)


def test_a_chain_that_cannot_be_asked_is_a_problem_and_exit_code_1(shell: Shell) -> None:
    sim = make_sim()
    registry = f"0x{next(iter(sim.registries)).hex()}"
    with FaultProxy(lambda _: (500, b"")) as node, FaultProxy(lambda _: (404, b"")) as gateway:
        shell.environment(environment(node.url, gateway.url, registry, sim.chain_id))
        ran = shell.dipmp("sync")
    summary = json.loads(ran.out)
    assert ran.code == 1
    assert len(summary["problems"]) == 1
    assert items() == []


def test_missing_settings_are_sentences_all_at_once(shell: Shell) -> None:
    shell.environment({"ETH_GATEWAY": "http://127.0.0.1:1", "IPFS_GATEWAY": "http://127.0.0.1:1"})
    ran = shell.dipmp("sync")
    assert ran.code == 1
    assert "DIPMP_TABLE is not set" in ran.err
    assert "DIPMP_PINNED is not set" in ran.err
    assert "Traceback" not in ran.err
