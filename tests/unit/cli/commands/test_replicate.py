"""`dipmp replicate`: settings, what is sent where, exit codes and the JSON document."""

import json
from pathlib import Path

import pytest

from dipmp_lib.errors import GatewayError, PinnerError
from dipmp_lib.ipfs.cid import Cid
from tests.support.fakes.publishing import FakePinner
from tests.support.files.wheels import build_wheel
from tests.support.programs.cli import Ran, Shell
from tests.support.systems.commands import ADDRESS_OF_REGISTRY, PUBLISH_ENVIRONMENT, PublishBench


class Bench(PublishBench):
    """A published wheel, its blocks at a gateway, and pinners that lack them."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.pinners = {"kubo:http://pin.invalid": self.pinner}

    def pinner_of(self, uri: str, **_: object) -> FakePinner:
        """Return the pinner with a URI."""
        return self.pinners.setdefault(uri, FakePinner(name=uri))

    def block(self, cid: Cid) -> bytes:
        """Return a block as a gateway does."""
        if cid not in self.pinner.blocks:
            raise GatewayError(f"no gateway delivers {cid}")
        return self.pinner.blocks[cid]

    def replicate(self, *arguments: object) -> Ran:
        """Replicate to one more pinner."""
        return self.shell.dipmp("replicate", ADDRESS_OF_REGISTRY, "--to", "kubo:http://more.invalid", *arguments)

    @property
    def more(self) -> FakePinner:
        """The pinner that is added."""
        return self.pinners["kubo:http://more.invalid"]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Bench:
    made = Bench(Shell(monkeypatch, capsys))
    made.shell.environment(PUBLISH_ENVIRONMENT)
    monkeypatch.setattr("dipmp_cli.session.session.HttpRpc", made.rpc)
    monkeypatch.setattr("dipmp_cli.settings.settings.pinner_from_uri", made.pinner_of)
    monkeypatch.setattr("dipmp_lib.ipfs.gateways.GatewayPool", lambda *_: made)
    assert made.shell.publish(build_wheel(tmp_path), "--yes").code == 0
    made.shell.environment({"ETH_GATEWAY": "http://rpc.invalid", "IPFS_GATEWAY": "https://gateway.invalid"})
    return made


@pytest.mark.slow
def test_file_and_metadata_are_sent_and_known_the_next_time(bench: Bench) -> None:
    document = json.loads(bench.replicate("--json").out)
    assert (document["roots"], document["kept"], document["known"], document["lost"]) == (2, 2, 0, [])
    assert (document["registry"], document["pinners"]) == (ADDRESS_OF_REGISTRY, ["kubo:http://more.invalid"])
    assert set(bench.more.roots) == set(bench.pinner.roots)
    again = bench.replicate()
    assert (again.code, again.out) == (0, "2 of 2 roots kept by kubo:http://more.invalid, 2 of them already\n")
    assert len(bench.more.roots) == 2
    assert bench.replicate("--again").code == 0
    assert len(bench.more.roots) == 4


def test_what_no_gateway_has_is_named_and_fails_the_command(bench: Bench) -> None:
    bench.pinner.blocks.clear()
    ran = bench.replicate()
    assert (ran.code, ran.out) == (1, "0 of 2 roots kept by kubo:http://more.invalid\n")
    assert "not found: demo-1.0-py3-none-any.whl" in ran.err


def test_a_pinner_that_fails_is_named(bench: Bench) -> None:
    bench.pinner_of("kubo:http://more.invalid").failure = PinnerError("disk full \x1b[31m")
    ran = bench.replicate("--json")
    assert ran.code == 1
    assert "not kept by kubo:http://more.invalid: demo-1.0-py3-none-any.whl" in ran.err
    assert "\x1b" not in ran.err
    assert {each["pinner"] for each in json.loads(ran.out)["lost"]} == {"kubo:http://more.invalid"}


def test_one_project_alone(bench: Bench) -> None:
    assert bench.replicate("--project", "Demo").code == 0
    assert bench.replicate("--project", "no name").error.startswith("'no name' is not a project name")


def test_settings_that_are_missing_come_all_at_once(bench: Bench) -> None:
    bench.shell.environment({})
    ran = bench.replicate()
    assert ran.code == 1
    assert "ETH_GATEWAY (or --rpc) is missing" in ran.err
    assert "IPFS_GATEWAY (or --gateway) is missing: a gateway to fetch from" in ran.err
    assert "DIPMP_SIGNER" not in ran.err
